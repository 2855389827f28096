"""What the processes tell those who watch them: figures for Prometheus, spans for OpenTelemetry.

Knows every part of the shop by its figures, and changes nothing. Other packages register figures
with prometheus-client, and open spans with `orders.tracing`, where they measure.
"""
