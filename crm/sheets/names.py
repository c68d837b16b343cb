"""What the columns are called in files of other systems: English, 简体, 繁體. Best first."""

from __future__ import annotations

CUSTOMER = (
    "customer code", "customer id", "customer no", "customer number", "client id", "account",
    "account number", "client", "客户", "客户编号", "客户编码", "客户代码", "客户号",
    "客戶", "客戶編號", "客戶代碼", "客戶代號",
)  # fmt: skip
NUMBER = (
    "order number", "order no", "order id", "order", "invoice number", "invoice no", "invoice",
    "document", "document number", "sales order", "sales order number", "单号", "订单号",
    "订单编号", "单据编号", "销售单号", "發票號碼", "单据号", "單號", "訂單號", "訂單編號",
    "單據編號", "发票号", "发票号码",
)  # fmt: skip
ORDERED_ON = (
    "order date", "invoice date", "date", "ordered", "document date", "日期", "订单日期",
    "下单日期", "单据日期", "销售日期", "开票日期", "訂單日期", "下單日期", "單據日期", "銷售日期",
)  # fmt: skip
AMOUNT = (
    "total", "net amount", "order amount", "order total", "sum", "value", "revenue", "net",
    "金额", "订单金额", "销售金额", "合计", "总金额", "总额", "金額", "訂單金額", "銷售金額", "合計", "總金額", "總額",
)  # fmt: skip
TERMS = {
    "currency": ("currency code", "币种", "货币", "币别", "幣別", "貨幣", "幣種"),
    "status": ("order status", "state", "状态", "订单状态", "狀態", "訂單狀態"),
    "due_on": ("due date", "due", "payment due", "到期日", "付款到期日", "应收日期", "到期日期", "付款期限"),
    "customer_name": ("customer name", "client name", "company", "客户名称", "客户名", "客戶名稱", "客戶名"),
    "customer_region": ("region", "country", "territory", "地区", "区域", "國家", "国家", "地區", "區域"),
}  # fmt: skip
DOCUMENT = {"number": NUMBER, "customer": CUSTOMER, "ordered_on": ORDERED_ON, **TERMS}
NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "customers": {
        "code": (*CUSTOMER, "id", "no", "编号", "编码", "代码", "編號", "代碼",
                 "代號"),
        "name": ("customer name", "company", "company name", "client name", "客户名称", "名称",
                 "公司名称", "单位名称", "客戶名稱", "名稱", "公司名稱"),
        "owner": ("salesperson", "sales rep", "account manager", "rep", "负责人", "业务员",
                  "销售员", "客户经理", "負責人", "業務員", "客戶經理"),
        "industry": ("sector", "branch", "行业", "所属行业", "行業", "產業"),
        "region": ("territory", "state", "province", "country", "地区", "区域", "省份", "省",
                   "地區", "區域"),
        "city": ("town", "城市", "市", "所在城市"),
        "district": ("area", "区县", "区", "區", "鄉鎮區", "行政區"),
        "address": ("street", "street address", "address line 1", "地址", "详细地址", "詳細地址"),
        "latitude": ("lat", "纬度", "緯度"),
        "longitude": ("lng", "lon", "long", "经度", "經度"),
        "phone": ("telephone", "tel", "phone number", "mobile", "电话", "联系电话", "手机", "電話",
                  "聯絡電話", "手機"),
        "email": ("e-mail", "mail", "email address", "邮箱", "电子邮箱", "电子邮件", "郵箱",
                  "電子郵件", "電郵"),
        "kind": ("type", "customer type", "business type", "类型", "客户类型", "性质", "類型",
                 "客戶類型"),
        "tax_id": ("tax number", "vat", "vat id", "vat number", "税号", "纳税人识别号",
                   "统一社会信用代码", "稅號", "統一編號"),
        "since": ("customer since", "created", "first contact", "建档日期", "合作日期", "开户日期",
                  "建檔日期", "合作日期", "開戶日期"),
        "alias": ("other name", "short name", "trade name", "简称", "别名", "簡稱", "別名"),
        "buyer_type": ("buyer type", "购买类型", "客户性格", "購買類型"),
        "credit_days": ("credit days", "payment days", "payment terms", "账期", "信用天数", "帳期",
                        "信用天數"),
        "yearly_need": ("yearly need", "annual need", "potential", "annual potential", "年需求",
                        "年需求额", "年采购额", "年需求額", "年採購額"),
    },
    "orders": {
        **DOCUMENT,
        "amount": AMOUNT,
        "cost": ("total cost", "cost of goods", "成本", "总成本", "總成本"),
    },
    "order_lines": {
        **DOCUMENT,
        "sku": ("stock code", "item", "item number", "item code", "article", "article number",
                "product code", "product id", "material", "货号", "商品编号", "产品编号", "物料编码", "品号",
                "貨號", "商品編號", "產品編號", "料號", "品號"),
        "product": ("product name", "description", "item name", "item description", "商品名称",
                    "产品名称", "品名", "商品", "产品", "描述", "商品名稱", "產品名稱", "產品"),
        "quantity": ("qty", "units", "count", "pieces", "数量", "件数", "數量", "件數"),
        "unit_price": ("price", "unit net price", "net price", "rate", "单价", "价格", "單價", "價格"),
        "unit_cost": ("cost", "cost price", "成本", "单位成本", "成本价", "單位成本", "成本價"),
        "list_price": ("list price", "catalogue price", "recommended price", "目录价", "标价", "牌价",
                       "目錄價", "標價", "牌價", "定價"),
    },
    "visits": {
        "customer": CUSTOMER,
        "by": ("author", "salesperson", "sales rep", "rep", "user", "visited by", "拜访人",
               "业务员", "负责人", "跟进人", "拜訪人", "業務員", "負責人", "跟進人"),
        "happened_at": ("date", "time", "visited at", "visit date", "when", "拜访时间", "拜访日期",
                        "跟进时间", "时间", "日期", "拜訪時間", "拜訪日期", "跟進時間", "時間"),
        "channel": ("type", "method", "way", "方式", "拜访方式", "跟进方式", "拜訪方式", "跟進方式"),
        "summary": ("note", "notes", "text", "content", "comment", "内容", "拜访内容", "跟进内容",
                    "备注", "摘要", "內容", "拜訪內容", "跟進內容", "備註"),
        "minutes": ("duration", "length", "时长", "分钟", "時長", "分鐘"),
        "outcome": ("result", "结果", "拜访结果", "結果", "拜訪結果"),
        "next_on": ("next", "next date", "next visit", "下次日期", "下次拜访", "下次跟进", "下次拜訪",
                    "下次跟進"),
        "satisfaction": ("rating", "score", "满意度", "滿意度"),
        "contact": ("contact person", "contact name", "person", "联系人", "聯絡人", "聯繫人"),
        "competitor": ("competitors", "rival", "竞争对手", "竞品", "競爭對手", "競品"),
        "key": ("external id", "visit id", "id", "编号", "拜访编号", "編號", "拜訪編號"),
    },
    "payments": {
        "order": NUMBER,
        "paid_on": ("payment date", "date", "paid", "received on", "收款日期", "付款日期", "回款日期",
                    "到账日期", "日期", "入帳日期"),
        "amount": ("paid amount", "payment", "payment amount", "received", "收款金额", "付款金额",
                   "回款金额", *AMOUNT, "收款金額", "付款金額", "回款金額"),
    },
}  # fmt: skip
