import { Type } from "@caisson/core";
import { serviceFields, serviceTypes, type FieldKind, type ServiceField, type ServiceType } from "./service-fields.ts";

const name = (description?: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 255, ...(description !== undefined && { description }) }));

const commonProperties = {
  event_id: Type.String({
    format: "uuid",
    description: "The first event with an id counts, whatever a later one says",
  }),
  timestamp: Type.Optional(
    Type.String({ format: "date-time", description: "From 2000 to an hour ahead. Absent: when the event came" }),
  ),
  tenant_id: name("Only the key's own"),
  user_id: name(),
  service_provider: Type.String({ minLength: 1, maxLength: 255 }),
  event_type: name(),
  metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 32 })),
  session_id: name(),
  request_id: name(),
};

/** An event as senders write it, by service type: what the gateway's documentation shows of its own check. */
export const eventSchema = Type.Union(serviceTypes.map(schemaOf));

/** A batch of them. */
export const batchSchema = Type.Array(eventSchema, { minItems: 1, maxItems: 1000 });

function schemaOf(service: ServiceType): ReturnType<typeof Type.Object> {
  const fields = Object.entries(serviceFields[service].fields).map(
    ([field, how]) => [field, fieldSchema(how)] as const,
  );
  return Type.Object(
    {
      ...commonProperties,
      service_type: Type.Literal(service),
      ...Object.fromEntries(fields),
      ...(service === "custom" && { metrics: Type.Record(Type.String(), Type.Unknown()) }),
    },
    { additionalProperties: false },
  );
}

function fieldSchema({ value, required }: ServiceField): ReturnType<typeof valueSchema> {
  const schema = valueSchema(value);
  return required ? schema : Type.Optional(schema);
}

function valueSchema(value: FieldKind) {
  if (value.kind === "text") return Type.String({ minLength: 1, maxLength: value.maxLength });
  const bounds = { minimum: value.min, maximum: value.max };
  return value.kind === "integer" ? Type.Integer(bounds) : Type.Number(bounds);
}
