# One image for every process of the shop: web, projector, reactor and the migrations.
# Build stage: the locked packages, each checked against its hash.
FROM python:3.12-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r requirements.txt

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/barstucks barstucks
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY api api
COPY barstucks_site barstucks_site
COPY orders orders
COPY projections projections
COPY staff staff
COPY rush rush
COPY templates templates
COPY static static
COPY locale locale
RUN /opt/venv/bin/python -m compileall -q . && \
    BARSTUCKS_VAR=/tmp/collecting STATIC_ROOT=/app/collected \
        /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 && \
    rm -r /tmp/collecting
ENV PATH=/opt/venv/bin:$PATH \
    STATIC_ROOT=/app/collected \
    PYTHONUNBUFFERED=1 \
    BARSTUCKS_MODE=shop \
    BARSTUCKS_VAR=/var/lib/barstucks/shop
USER barstucks
EXPOSE 8000
CMD ["python", "manage.py", "web", "--host", "0.0.0.0", "--port", "8000"]
