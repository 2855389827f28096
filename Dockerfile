# Two images from one file, for AMD64 and ARM64. The last stage is what `docker build .` makes:
#   demo   the whole demo shop in one container: docker run --rm -p 8000:8000 "$(docker build -q .)"
#   shop   one process of a real shop: web, projector, reactor or a command. docker-compose.yml uses it.

# The locked packages, each checked against its hash; without those that only tests need.
FROM python:3.12-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r requirements.txt && \
    /opt/venv/bin/pip uninstall --quiet --yes pytest-django pytest pluggy iniconfig

FROM python:3.12-slim-bookworm AS shop
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
COPY embedded_eventstore embedded_eventstore
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

# DEMO_OPEN_TO_ALL: a published port comes from another machine than the container. `serve` says
# what that means.
FROM shop AS demo
ENV BARSTUCKS_MODE=demo \
    BARSTUCKS_VAR=/var/lib/barstucks/demo \
    DEMO_OPEN_TO_ALL=yes
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=3)"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000"]
