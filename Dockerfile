# compose.yaml starts it with all that it needs. By hand:
# docker build -t attention-bot . && docker run --init --env-file .env -v models:/models -v state:/state --stop-timeout 30 attention-bot
# Another build of torch: --build-arg INDEX=address, as PyTorch's own page of installation names it; a GPU needs --gpus all.
# With Ray, for several computers (docs/scaling.md): --build-arg EXTRA=ray
FROM python:3.12-slim

ARG INDEX
ARG EXTRA
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 HF_HOME=/models

# Pillow joins the letters of Arabic, Hindi and others with FriBiDi, where the system has it.
RUN apt-get update && apt-get install --yes --no-install-recommends libfribidi0 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home bot && mkdir /models /state && chown bot /models /state
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY core core
RUN pip install ${INDEX:+--extra-index-url "$INDEX"} --constraint constraints.txt ".[bot${EXTRA:+,$EXTRA}]"

USER bot
VOLUME /models /state
# Exec form: the signal that stops the container reaches the bot itself, which then answers what is at work.
CMD ["python", "-m", "bot", "run"]
