//! Numbers under a schema: at the bounds, near zero, or anywhere between; multiples, and no multiples.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Number, Value};

use super::sample::Pick;

/// How far from its one bound, or from zero, a random number lies at most.
const WINDOW: i128 = 1_000;

/// How many neighbours are looked at for one that is no multiple.
const NEIGHBOURS: i128 = 64;

/// An integer that the bounds of a schema allow.
pub(super) fn integer(schema: &Map<String, Value>, pick: Pick, random: &mut ChaCha8Rng) -> Option<Value> {
    let least =
        bound(schema, "minimum", f64::ceil).into_iter().chain(bound(schema, "exclusiveMinimum", f64::floor).map(|limit| limit + 1)).max();
    let most =
        bound(schema, "maximum", f64::floor).into_iter().chain(bound(schema, "exclusiveMaximum", f64::ceil).map(|limit| limit - 1)).min();
    let step = schema.get("multipleOf").and_then(Value::as_u64).map_or(1, i128::from).max(1);
    let (low, high) = match (least, most) {
        (Some(least), Some(most)) => (least, most),
        (Some(least), None) => (least, least.max(0) + WINDOW * step),
        (None, Some(most)) => (most.min(0) - WINDOW * step, most),
        (None, None) => (-WINDOW * step, WINDOW * step),
    };
    let up = |number: i128| number.div_euclid(step) * step + if number.rem_euclid(step) == 0 { 0 } else { step };
    let (low, high) = (up(low), high.div_euclid(step) * step);
    if low > high {
        return None;
    }
    let chosen = match pick {
        Pick::Low => low,
        Pick::High => high,
        Pick::Plain => up(0.clamp(low, high)).min(high),
        Pick::Random => up(random.random_range(low..=high)).min(high),
    };
    let barred: Vec<u64> = barred(schema).into_iter().filter_map(Value::as_u64).collect();
    let free = |number: &i128| {
        (low..=high).contains(number) && barred.iter().all(|divisor| *divisor == 0 || number.rem_euclid(i128::from(*divisor)) != 0)
    };
    let near = (0..NEIGHBOURS).flat_map(|away| [chosen + away * step, chosen - away * step]);
    near.into_iter().find(free).and_then(whole)
}

/// A number that the bounds of a schema allow; not a whole one where whole ones are barred.
pub(super) fn real(schema: &Map<String, Value>, pick: Pick, random: &mut ChaCha8Rng) -> Option<Value> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let divisor = limit("multipleOf").filter(|divisor| *divisor > 0.0);
    let (least, most) = (limit("minimum").or(limit("exclusiveMinimum")), limit("maximum").or(limit("exclusiveMaximum")));
    let room = least.zip(most).map_or(1.0, |(least, most)| (most - least) / 2.0);
    let step = divisor.unwrap_or_else(|| room.min(0.5));
    let open = |name: &str| if limit(name).is_some() { step } else { 0.0 };
    let low = least.map_or_else(|| most.unwrap_or(0.0).min(0.0) - 1_000.0 * step.max(0.5), |least| least + open("exclusiveMinimum"));
    let high = most.map_or_else(|| least.unwrap_or(0.0).max(0.0) + 1_000.0 * step.max(0.5), |most| most - open("exclusiveMaximum"));
    if low > high {
        return None;
    }
    let chosen = match pick {
        Pick::Low => low,
        Pick::High => high,
        Pick::Plain => 0.0_f64.clamp(low, high),
        Pick::Random => low + (high - low) * random.random_range(0.0..=1.0),
    };
    let aligned = divisor.map_or(chosen, |divisor| {
        let multiple = if pick == Pick::High { (chosen / divisor).floor() } else { (chosen / divisor).ceil() };
        multiple * divisor
    });
    let barred: Vec<f64> = barred(schema).into_iter().filter_map(Value::as_f64).collect();
    let free = |number: &f64| (low..=high).contains(number) && barred.iter().all(|divisor| (number / divisor).fract() != 0.0);
    let shift = barred.first().map_or(0.5, |divisor| divisor / 2.0);
    let near = [
        aligned,
        aligned + shift,
        aligned - shift,
        aligned + shift / 2.0,
        aligned - shift / 2.0,
        aligned + 1.0 + shift,
        aligned - 1.0 - shift,
    ];
    near.iter().find(|number| free(number)).and_then(|number| Number::from_f64(*number)).map(Value::Number)
}

/// The greatest and the least number of a format (OpenAPI 3.1, section 4.4).
pub(super) fn limits(format: &str) -> Option<(i64, i64)> {
    match format {
        "int32" => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        "int64" => Some((i64::MIN, i64::MAX)),
        _ => None,
    }
}

/// Divisors of which a number must be no multiple.
fn barred(schema: &Map<String, Value>) -> Vec<&Value> {
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().filter_map(|part| part.get("not"));
    schema.get("not").into_iter().chain(parts).filter_map(|not| not.get("multipleOf")).collect()
}

fn bound(schema: &Map<String, Value>, name: &str, round: fn(f64) -> f64) -> Option<i128> {
    let limit = schema.get(name)?;
    let exact = limit.as_i64().map(i128::from).or_else(|| limit.as_u64().map(i128::from));
    #[expect(clippy::cast_possible_truncation, reason = "a cast to an integer stays at the type's own bounds")]
    exact.or_else(|| limit.as_f64().map(|limit| round(limit).clamp(-1e30, 1e30) as i128))
}

fn whole(number: i128) -> Option<Value> {
    i64::try_from(number).map(Value::from).or_else(|_| u64::try_from(number).map(Value::from)).ok()
}
