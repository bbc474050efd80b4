/**
 * What every tenant's month costs, from raw events and `billing_rule` alone, in SQL that shares nothing with the code:
 * rows of (tenant, month, rule, cost). Rounded once per part, as money is.
 */
export const costOracle = `
  with priced as (
    select e.tenant, date_trunc('month', e.at at time zone 'UTC')::date as month, e.service, e.metrics, r.id as rule
    from events e cross join lateral (
      select id from billing_rule r
      where r.service = e.service
        and (r.provider is null or r.provider = e.provider)
        and (r.model is null or (e.service = 'llm_service' and r.model = e.metadata->>'model'))
        and (e.at at time zone 'UTC')::date >= r.effective_from
        and (r.effective_until is null or (e.at at time zone 'UTC')::date < r.effective_until)
      order by r.model is null, r.provider is null limit 1
    ) r
  ),
  volumes as (
    select tenant, month, rule, p.part->>'unit' as unit, p.part->'tiers' as tiers,
      case p.part->>'unit' when 'minutes' then 60000 else 1 end as scale, sum(case p.part->>'unit'
      when 'tokens' then (metrics->>'total_tokens')::numeric
      when 'input_tokens' then (metrics->>'input_tokens')::numeric
      when 'output_tokens' then (metrics->>'output_tokens')::numeric
      when 'requests' then case priced.service when 'api_service' then (metrics->>'request_count')::numeric else 1 end
      when 'pages' then (metrics->>'pages_processed')::numeric
      when 'bytes' then case when priced.service <> 'custom' then coalesce((metrics->>'file_size_bytes')::numeric, 0)
        + coalesce((metrics->>'payload_size_bytes')::numeric, 0) + coalesce((metrics->>'response_size_bytes')::numeric, 0) end
      when 'minutes' then case when priced.service <> 'custom' then
        coalesce(metrics->>'latency_ms', metrics->>'processing_time_ms', metrics->>'response_time_ms')::numeric end
      when 'custom' then case when priced.service = 'custom' and jsonb_typeof(metrics->'units') = 'number'
        and (metrics->>'units')::numeric between 0 and 1000000000 then round((metrics->>'units')::numeric, 6) end
      end) as units
    from priced join billing_rule r on r.id = rule cross join lateral jsonb_array_elements(r.parts) p (part)
    group by tenant, month, rule, p.part
  ),
  parts as (
    select tenant, month, rule, round((
      select sum(greatest(0, least(coalesce(units, 0), coalesce((t->>'to')::numeric * scale, coalesce(units, 0)))
        - (t->>'from')::numeric * scale) * (t->>'rate')::numeric * 1.000000000000000000000000)
      from jsonb_array_elements(tiers) t
    ) / scale, 12) as cost
    from volumes
  )
  select tenant, month::text, rule, greatest(sum(cost), max(minimum_charge)) as cost
  from parts join billing_rule r on r.id = rule group by tenant, month, rule order by 1, 2, 3`;
