// Made from the services' own OpenAPI by `npm run sdk:types`; not to be edited.
export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes one event, or CloudEvents of any form; 202 once what is accepted is durable */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "llm_service";
                        model: string;
                        model_version?: string;
                        temperature?: number;
                        max_tokens?: number;
                        input_tokens: number;
                        output_tokens: number;
                        total_tokens?: number;
                        latency_ms?: number;
                    } | {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "document_processor";
                        document_type: string;
                        processing_type?: string;
                        file_format?: string;
                        pages_processed: number;
                        characters_extracted?: number;
                        processing_time_ms?: number;
                        file_size_bytes?: number;
                    } | {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "api_service";
                        endpoint: string;
                        method: string;
                        api_version?: string;
                        request_count?: number;
                        response_time_ms?: number;
                        payload_size_bytes?: number;
                        response_size_bytes?: number;
                        status_code?: number;
                    } | {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "custom";
                        metrics: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description The answer */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            event_id: string;
                            /** @enum {unknown} */
                            status: "accepted" | "duplicate";
                            /** @constant */
                            late?: true;
                        } | {
                            accepted: number;
                            duplicate: number;
                            invalid: number;
                            results: {
                                index: number;
                                event_id: string | null;
                                /** @enum {unknown} */
                                status: "accepted" | "duplicate" | "invalid";
                                /** @constant */
                                late?: true;
                                errors?: {
                                    path: string;
                                    code: string;
                                    message: string;
                                }[];
                            }[];
                        };
                    };
                };
                /** @description The answer */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            accepted: number;
                            duplicate: number;
                            invalid: number;
                            results: {
                                index: number;
                                event_id: string | null;
                                /** @enum {unknown} */
                                status: "accepted" | "duplicate" | "invalid";
                                /** @constant */
                                late?: true;
                                errors?: {
                                    path: string;
                                    code: string;
                                    message: string;
                                }[];
                            }[];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes 1 to 1,000 events; one result for each, 202 once the accepted ones are durable */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": ({
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "llm_service";
                        model: string;
                        model_version?: string;
                        temperature?: number;
                        max_tokens?: number;
                        input_tokens: number;
                        output_tokens: number;
                        total_tokens?: number;
                        latency_ms?: number;
                    } | {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "document_processor";
                        document_type: string;
                        processing_type?: string;
                        file_format?: string;
                        pages_processed: number;
                        characters_extracted?: number;
                        processing_time_ms?: number;
                        file_size_bytes?: number;
                    } | {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "api_service";
                        endpoint: string;
                        method: string;
                        api_version?: string;
                        request_count?: number;
                        response_time_ms?: number;
                        payload_size_bytes?: number;
                        response_size_bytes?: number;
                        status_code?: number;
                    } | {
                        /**
                         * Format: uuid
                         * @description The first event with an id counts, whatever a later one says
                         */
                        event_id: string;
                        /**
                         * Format: date-time
                         * @description From 2000 to an hour ahead. Absent: when the event came
                         */
                        timestamp?: string;
                        /** @description Only the key's own */
                        tenant_id?: string;
                        user_id?: string;
                        service_provider: string;
                        event_type?: string;
                        metadata?: {
                            [key: string]: unknown;
                        };
                        tags?: string[];
                        session_id?: string;
                        request_id?: string;
                        /** @constant */
                        service_type: "custom";
                        metrics: {
                            [key: string]: unknown;
                        };
                    })[];
                };
            };
            responses: {
                /** @description The answer */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            accepted: number;
                            duplicate: number;
                            invalid: number;
                            results: {
                                index: number;
                                event_id: string | null;
                                /** @enum {unknown} */
                                status: "accepted" | "duplicate" | "invalid";
                                /** @constant */
                                late?: true;
                                errors?: {
                                    path: string;
                                    code: string;
                                    message: string;
                                }[];
                            }[];
                        };
                    };
                };
                /** @description The answer */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            accepted: number;
                            duplicate: number;
                            invalid: number;
                            results: {
                                index: number;
                                event_id: string | null;
                                /** @enum {unknown} */
                                status: "accepted" | "duplicate" | "invalid";
                                /** @constant */
                                late?: true;
                                errors?: {
                                    path: string;
                                    code: string;
                                    message: string;
                                }[];
                            }[];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events of a range of time, newest first, page by page */
        get: {
            parameters: {
                query?: {
                    from?: string;
                    to?: string;
                    service_type?: "llm_service" | "document_processor" | "api_service" | "custom";
                    service_provider?: string;
                    user_id?: string;
                    event_type?: string;
                    limit?: number;
                    cursor?: string;
                    include_total?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            events: {
                                /** Format: uuid */
                                event_id: string;
                                /** Format: date-time */
                                timestamp: string;
                                service_type: string;
                                service_provider: string;
                                event_type: string;
                                user_id: string | null;
                                session_id: string | null;
                                request_id: string | null;
                                tags: string[];
                                metadata: {
                                    [key: string]: unknown;
                                };
                                metrics: {
                                    [key: string]: unknown;
                                };
                                /** Format: date-time */
                                received_at: string;
                            }[];
                            has_more: boolean;
                            next_cursor?: string;
                            total_count?: number;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of one event */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: uuid */
                            event_id: string;
                            /** @constant */
                            status: "stored";
                            event: {
                                /** Format: uuid */
                                event_id: string;
                                /** Format: date-time */
                                timestamp: string;
                                service_type: string;
                                service_provider: string;
                                event_type: string;
                                user_id: string | null;
                                session_id: string | null;
                                request_id: string | null;
                                tags: string[];
                                metadata: {
                                    [key: string]: unknown;
                                };
                                metrics: {
                                    [key: string]: unknown;
                                };
                                /** Format: date-time */
                                received_at: string;
                            };
                        } | {
                            /** Format: uuid */
                            event_id: string;
                            /** @constant */
                            status: "pending";
                        } | {
                            /** Format: uuid */
                            event_id: string;
                            /** @constant */
                            status: "dead_letter";
                            reason: string;
                            detail: string;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One total taken apart: its events, late arrivals and copies that were not counted */
        get: {
            parameters: {
                query: {
                    period: "hour" | "day";
                    start: string;
                    service_type?: "llm_service" | "document_processor" | "api_service" | "custom";
                    service_provider?: string;
                    user_id?: string;
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            /** @enum {unknown} */
                            period: "hour" | "day";
                            service?: string;
                            provider?: string;
                            user?: string;
                            totals: {
                                event_count: number;
                                /** @description Absent for the totals of a user */
                                unique_users?: number;
                                input_tokens: number;
                                output_tokens: number;
                                total_tokens: number;
                                pages: number;
                                bytes: number;
                                requests: number;
                                custom_units: number;
                                error_count: number;
                                error_rate: number;
                                latency_count: number;
                                latency_ms_sum: number;
                                latency_ms_avg: number | null;
                                latency_ms_p95: number | null;
                            };
                            /** @description The kept totals are what the events add up to */
                            recount_equal: boolean;
                            event_count: number;
                            /** @description Events that came after the period was over */
                            late_count: number;
                            /** @description Copies that reached the inbox since then and were not counted */
                            duplicates: {
                                since: string | null;
                                events: {
                                    /** Format: uuid */
                                    event_id: string;
                                    copies: number;
                                }[];
                            };
                            events: {
                                /** Format: uuid */
                                event_id: string;
                                /** Format: date-time */
                                timestamp: string;
                                service_type: string;
                                service_provider: string;
                                event_type: string;
                                user_id: string | null;
                                session_id: string | null;
                                request_id: string | null;
                                tags: string[];
                                metadata: {
                                    [key: string]: unknown;
                                };
                                metrics: {
                                    [key: string]: unknown;
                                };
                                /** Format: date-time */
                                received_at: string;
                                late: boolean;
                            }[];
                            has_more: boolean;
                            next_cursor?: string;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/aggregate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Totals per period without gaps, in any time zone, by key if asked */
        get: {
            parameters: {
                query: {
                    from?: string;
                    to?: string;
                    time_zone?: string;
                    period: "hour" | "day" | "week" | "month";
                    service_type?: "llm_service" | "document_processor" | "api_service" | "custom";
                    service_provider?: string;
                    user_id?: string;
                    group_by?: "service" | "provider" | "user";
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            /** @enum {unknown} */
                            period: "hour" | "day" | "week" | "month";
                            time_zone: string;
                            /** @description What is not exact, and how far off it may be; everything else is exact */
                            error_bounds: {
                                latency_ms_p95: {
                                    relative: number;
                                };
                            };
                            service?: string;
                            provider?: string;
                            user?: string;
                            totals: {
                                event_count: number;
                                /** @description Absent for the totals of a user */
                                unique_users?: number;
                                input_tokens: number;
                                output_tokens: number;
                                total_tokens: number;
                                pages: number;
                                bytes: number;
                                requests: number;
                                custom_units: number;
                                error_count: number;
                                error_rate: number;
                                latency_count: number;
                                latency_ms_sum: number;
                                latency_ms_avg: number | null;
                                latency_ms_p95: number | null;
                            };
                            buckets: {
                                /** Format: date-time */
                                start: string;
                                event_count: number;
                                /** @description Absent for the totals of a user */
                                unique_users?: number;
                                input_tokens: number;
                                output_tokens: number;
                                total_tokens: number;
                                pages: number;
                                bytes: number;
                                requests: number;
                                custom_units: number;
                                error_count: number;
                                error_rate: number;
                                latency_count: number;
                                latency_ms_sum: number;
                                latency_ms_avg: number | null;
                                latency_ms_p95: number | null;
                            }[];
                        } | {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            /** @enum {unknown} */
                            period: "hour" | "day" | "week" | "month";
                            time_zone: string;
                            /** @description What is not exact, and how far off it may be; everything else is exact */
                            error_bounds: {
                                latency_ms_p95: {
                                    relative: number;
                                };
                            };
                            /** @enum {unknown} */
                            group_by: "service" | "provider" | "user";
                            groups: {
                                key: string;
                                totals: {
                                    event_count: number;
                                    /** @description Absent for the totals of a user */
                                    unique_users?: number;
                                    input_tokens: number;
                                    output_tokens: number;
                                    total_tokens: number;
                                    pages: number;
                                    bytes: number;
                                    requests: number;
                                    custom_units: number;
                                    error_count: number;
                                    error_rate: number;
                                    latency_count: number;
                                    latency_ms_sum: number;
                                    latency_ms_avg: number | null;
                                    latency_ms_p95: number | null;
                                };
                                buckets: {
                                    /** Format: date-time */
                                    start: string;
                                    event_count: number;
                                    /** @description Absent for the totals of a user */
                                    unique_users?: number;
                                    input_tokens: number;
                                    output_tokens: number;
                                    total_tokens: number;
                                    pages: number;
                                    bytes: number;
                                    requests: number;
                                    custom_units: number;
                                    error_count: number;
                                    error_rate: number;
                                    latency_count: number;
                                    latency_ms_sum: number;
                                    latency_ms_avg: number | null;
                                    latency_ms_p95: number | null;
                                }[];
                            }[];
                            has_more: boolean;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/by-service": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Each service: how much, at what cost, by how many users, and by whom most */
        get: {
            parameters: {
                query?: {
                    from?: string;
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            currency: string;
                            event_count: number;
                            services: {
                                service_type: string;
                                event_count: number;
                                percentage_of_total: number;
                                unique_users: number;
                                total_cost: number;
                                top_users: {
                                    user_id: string;
                                    event_count: number;
                                }[];
                            }[];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/costs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Costs in all, by service and by period of UTC */
        get: {
            parameters: {
                query?: {
                    from?: string;
                    to?: string;
                    group_by?: "hour" | "day" | "week" | "month";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            /** @enum {unknown} */
                            group_by: "hour" | "day" | "week" | "month";
                            currency: string;
                            total_cost: number;
                            cost_by_service: {
                                [key: string]: number;
                            };
                            cost_by_period: {
                                /** Format: date-time */
                                start: string;
                                cost: number;
                            }[];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/trends": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A metric per period, and whether it goes up or down */
        get: {
            parameters: {
                query: {
                    from?: string;
                    to?: string;
                    time_zone?: string;
                    metric: "event_count" | "total_cost" | "unique_users";
                    period?: "hour" | "day" | "week" | "month";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            /** @enum {unknown} */
                            metric: "event_count" | "total_cost" | "unique_users";
                            /** @enum {unknown} */
                            period: "hour" | "day" | "week" | "month";
                            time_zone: string;
                            currency?: string;
                            data_points: {
                                /** Format: date-time */
                                start: string;
                                value: number;
                                complete: boolean;
                            }[];
                            /** @enum {unknown} */
                            direction: "up" | "down" | "stable";
                            percentage_change: number | null;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/top-users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The users with the most events, tokens or costs */
        get: {
            parameters: {
                query?: {
                    from?: string;
                    to?: string;
                    metric?: "event_count" | "total_tokens" | "total_cost";
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: date-time */
                            from: string;
                            /** Format: date-time */
                            to: string;
                            /** @enum {unknown} */
                            metric: "event_count" | "total_tokens" | "total_cost";
                            currency?: string;
                            users: {
                                user_id: string;
                                value: number;
                            }[];
                            has_more: boolean;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/comparison": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A range of whole periods against as many right before it */
        get: {
            parameters: {
                query?: {
                    from?: string;
                    to?: string;
                    time_zone?: string;
                    period?: "hour" | "day" | "week" | "month";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            period: "hour" | "day" | "week" | "month";
                            time_zone: string;
                            /** @description What is not exact, and how far off it may be; everything else is exact */
                            error_bounds: {
                                latency_ms_p95: {
                                    relative: number;
                                };
                            };
                            currency?: string;
                            current: {
                                /** Format: date-time */
                                from: string;
                                /** Format: date-time */
                                to: string;
                                event_count: number;
                                /** @description Absent for the totals of a user */
                                unique_users?: number;
                                input_tokens: number;
                                output_tokens: number;
                                total_tokens: number;
                                pages: number;
                                bytes: number;
                                requests: number;
                                custom_units: number;
                                error_count: number;
                                error_rate: number;
                                latency_count: number;
                                latency_ms_sum: number;
                                latency_ms_avg: number | null;
                                latency_ms_p95: number | null;
                                total_cost?: number;
                            };
                            previous: {
                                /** Format: date-time */
                                from: string;
                                /** Format: date-time */
                                to: string;
                                event_count: number;
                                /** @description Absent for the totals of a user */
                                unique_users?: number;
                                input_tokens: number;
                                output_tokens: number;
                                total_tokens: number;
                                pages: number;
                                bytes: number;
                                requests: number;
                                custom_units: number;
                                error_count: number;
                                error_rate: number;
                                latency_count: number;
                                latency_ms_sum: number;
                                latency_ms_avg: number | null;
                                latency_ms_p95: number | null;
                                total_cost?: number;
                            };
                            /** @description In percent, to two places; null from nothing to something */
                            change: {
                                event_count: number | null;
                                unique_users: number | null;
                                total_tokens: number | null;
                                error_count: number | null;
                                total_cost?: number | null;
                            };
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/summaries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each month came to, as billing keeps it; newest first */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            currency: string;
                            summaries: {
                                month: string;
                                total_cost: number;
                                cost_by_service: {
                                    [key: string]: number;
                                };
                                cost_by_user: {
                                    user_id: string;
                                    cost: number;
                                }[];
                                total_events: number;
                                active_users: number;
                                is_finalized: boolean;
                                finalized_at: string | null;
                                /** Format: date-time */
                                computed_at: string;
                            }[];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            /**
             * @example validation_failed
             * @example bad_request
             * @example invalid_json
             * @example unauthenticated
             * @example forbidden
             * @example not_found
             * @example method_not_allowed
             * @example request_timeout
             * @example conflict
             * @example payload_too_large
             * @example unsupported_media_type
             * @example unprocessable
             * @example too_many_requests
             * @example headers_too_large
             * @example internal_error
             * @example not_implemented
             * @example not_ready
             * @example dependency_unavailable
             * @example handler_timeout
             */
            code: string;
            detail: string;
            errors?: {
                /** @description A JSON pointer into the request */
                path: string;
                code: string;
                message: string;
            }[];
            request_id?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
