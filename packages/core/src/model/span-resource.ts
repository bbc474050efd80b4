/**
 * The attribute of a program's spans with the name of its resource, which is the label of its metrics and lines. Not `service.name`
 * alone: Jaeger keeps that apart from the tags of a span, and of these Grafana makes its links.
 */
export const spanResource = "caisson.resource";
