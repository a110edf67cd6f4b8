//! Axes: where a value stands, and which values are named.

/// How values lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Linear,
    Log,
}

/// An axis from its lowest to its highest value, with the values that are named.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    pub(super) ticks: Vec<(f64, String)>,
}

/// About how many values are named.
const TICKS: f64 = 5.0;

impl Axis {
    /// From 0 to a round number at or above `high`.
    pub(super) fn linear(high: f64, named: impl Fn(f64) -> String) -> Self {
        let step = step(high.max(1e-9) / TICKS);
        let count = (high / step).ceil().max(1.0) as usize;
        Self {
            scale: Scale::Linear,
            low: 0.0,
            high: step * count as f64,
            ticks: (0..=count)
                .map(|it| it as f64 * step)
                .map(|value| (value, named(value)))
                .collect(),
        }
    }

    /// From 0 to just `high`, with round numbers below it: for time, which ends when it ends.
    pub(super) fn until(high: f64, named: impl Fn(f64) -> String) -> Self {
        let mut axis = Self::linear(high, named);
        axis.high = high.max(1e-9);
        axis.ticks.retain(|(value, _)| *value <= high);
        axis
    }

    /// Powers of ten around two values above 0.
    pub(super) fn log(low: f64, high: f64, named: impl Fn(f64) -> String) -> Self {
        let first = low.max(1e-9).log10().floor() as i32;
        let last = (high.max(low).max(1e-9).log10().ceil() as i32).max(first + 1);
        let powers = (first..=last).map(|power| 10f64.powi(power));
        Self {
            scale: Scale::Log,
            low: 10f64.powi(first),
            high: 10f64.powi(last),
            ticks: powers.map(|value| (value, named(value))).collect(),
        }
    }

    /// Where a value stands: 0 at the low end, 1 at the high one.
    pub(super) fn at(&self, value: f64) -> f64 {
        let place = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value.max(self.low) / self.low).ln() / (self.high / self.low).ln(),
        };
        place.clamp(0.0, 1.0)
    }
}

/// A power of ten in microseconds, with a unit.
pub(super) fn power_of_us(us: f64) -> String {
    if us < 1e3 {
        format!("{us:.0} µs")
    } else if us < 1e6 {
        format!("{:.0} ms", us / 1e3)
    } else {
        format!("{:.0} s", us / 1e6)
    }
}

/// The round number at or above: 1, 2 or 5 times a power of ten.
fn step(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let round = steps.into_iter().find(|step| *step >= at_least * 0.999);
    round.unwrap_or(at_least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_highest_value() {
        let values = |axis: &Axis| -> Vec<f64> { axis.ticks.iter().map(|(it, _)| *it).collect() };
        let plain = |value: f64| value.to_string();
        assert_eq!(
            values(&Axis::linear(487.0, plain)),
            [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]
        );
        assert_eq!(values(&Axis::linear(0.0, plain)).len(), 2);
        assert_eq!(values(&Axis::until(29.0, plain)), [0.0, 10.0, 20.0]);
        assert_eq!(
            values(&Axis::log(130.0, 4_200.0, plain)),
            [100.0, 1_000.0, 10_000.0]
        );
        assert_eq!(values(&Axis::log(100.0, 100.0, plain)), [100.0, 1_000.0]);
    }

    #[test]
    fn powers_are_named_without_a_fraction() {
        let names = [1.0, 100.0, 1e3, 1e5, 1e6, 1e7].map(power_of_us);
        assert_eq!(names, ["1 µs", "100 µs", "1 ms", "100 ms", "1 s", "10 s"]);
    }

    #[test]
    fn a_value_stands_where_the_scale_says() {
        let log = Axis::log(100.0, 10_000.0, |value| value.to_string());
        assert!((log.at(1_000.0) - 0.5).abs() < 1e-9);
        assert!(log.at(0.0).abs() < 1e-9, "what is below is at the low end");
        let linear = Axis::linear(10.0, |value| value.to_string());
        assert!((linear.at(5.0) - 0.5).abs() < 1e-9);
    }
}
