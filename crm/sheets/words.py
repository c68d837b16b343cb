"""The words people write for the few codes of a column, folded, in three languages."""

from __future__ import annotations


def _folded(codes: dict[str, str]) -> dict[str, str]:
    """`code: words` to `word: code`; the code is a word for itself."""
    pairs = [(word, code) for code, words in codes.items() for word in [code, *words.split("|")]]
    return {word.casefold(): code for word, code in pairs}


STATUSES = _folded(
    {
        "confirmed": "ordered|open|done|shipped|delivered|paid|complete|completed|closed|new"
        "|pending|processing|invoiced|approved|fulfilled|处理中|待发货|待付款|已付款|已开票"
        "|處理中|待出貨|已開票|已确认|已下单|已完成|已发货|正常|已確認|已下單|已出貨",
        "cancelled": "canceled|cancel|void|voided|已取消|取消|作废|已作废|作廢|已作廢",
    }
)
CHANNELS = _folded(
    {
        "on_site": "on site|onsite|visit|call on site|site|上门|上门拜访|拜访|实地|上門|上門拜訪|拜訪|親訪|實地",
        "phone": "call|phone call|telephone|tel|电话|電話",
        "message": "mail|e-mail|email|sms|wechat|chat|消息|微信|短信|邮件|訊息|簡訊|郵件",
        "video": "video call|online|meeting online|视频|视频会议|視訊|視訊會議",
        "came_to_us": "they came to us|came to us|inbound|来访|到访|來訪|到訪",
    }
)
OUTCOMES = _folded(
    {
        "spoke": "met|reached|ok|done|已沟通|见到|谈过|已溝通|見到|談過",
        "ordered": "order|order promised|sold|承诺下单|已下单|下单|承諾下單|已下單|下單",
        "missed": "not reached|nobody reached|no answer|nobody there|未见到|未接通|没有人|未見到|沒有人",
        "declined": "no need|no need now|not interested|refused|暂不需要|拒绝|暫不需要|拒絕",
    }
)
BUYER_TYPES = _folded(
    {
        "rational": "理智型|理性型|理性",
        "impulsive": "冲动型|衝動型",
        "habitual": "习惯型|習慣型",
        "economical": "经济型|經濟型",
        "imaginative": "想象型|想像型",
        "undecided": "不定型|未定型",
    }
)


def codes_of(column: str) -> list[str]:
    """The codes that a column of choices takes, as they are written."""
    words = {
        "status": STATUSES,
        "channel": CHANNELS,
        "outcome": OUTCOMES,
        "buyer_type": BUYER_TYPES,
    }
    return list(dict.fromkeys(words.get(column, {}).values()))
