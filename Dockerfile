FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /var/lib/vital-few --create-home vital-few
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY --from=assets /app/node_modules ./node_modules
COPY . .
RUN pybabel compile --quiet --domain django --directory locale \
    && DATABASE_URL=postgres://build REDIS_URL=redis://build ALLOWED_HOSTS=build \
    SECRET_KEY=only-while-the-image-is-built-and-never-kept-in-it-0123456789 \
    python manage.py collectstatic --noinput
USER vital-few
EXPOSE 8000
CMD ["gunicorn", "crm.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--access-logfile", "-"]
