import { Type } from "@caisson/core";
import { serviceTypes } from "../../events/service-fields.ts";
import { rollupPeriods } from "../../rollups/periods.ts";

/** Query parameters that several routes take. */
const name = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }));

export const range = {
  from: Type.Optional(Type.String({ description: "A date or an RFC 3339 date-time. Default: 30 days before `to`" })),
  to: Type.Optional(Type.String({ description: "The same; not included. Default: now" })),
};

export const timeZone = {
  time_zone: Type.Optional(Type.String({ maxLength: 64, description: "An IANA name. Default: UTC" })),
};

export const filters = {
  service_type: Type.Optional(Type.Enum([...serviceTypes])),
  service_provider: name,
  user_id: name,
};

export const period = Type.Enum([...rollupPeriods]);

/** How many of something, and for pages where the last one ended. */
export const limit = (usual: number, most: number) => ({
  limit: Type.Integer({ minimum: 1, maximum: most, default: usual }),
});

export const page = (usual: number, most: number) => ({
  ...limit(usual, most),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});
