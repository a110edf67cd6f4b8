//! How far apart two times must be before their difference is more than noise: medians and their spread, which a few
//! outliers do not move.

/// How many times the noise a difference must be.
pub(super) const SIGMAS: f64 = 4.0;

/// The least share by which a time must differ, however quiet the machine.
pub(super) const SHARE_MIN: f64 = 0.10;

/// The median absolute deviation of normal noise, times this, is its standard deviation.
const NORMAL: f64 = 1.4826;

/// The middle of some numbers; of an even count the mean of the two. `None` of none.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// The middle of some numbers, and how far they usually are from it, as a standard deviation.
pub(super) fn center(values: &[f64]) -> Option<(f64, f64)> {
    let middle = median(values)?;
    let apart: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    Some((middle, NORMAL * median(&apart)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_move_neither_the_middle_nor_the_spread() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        let quiet = [10.0, 11.0, 9.0, 10.0, 10.0, 12.0, 8.0];
        let (middle, spread) = center(&quiet).unwrap();
        let mut loud = quiet.to_vec();
        loud.push(1e9);
        let (moved, wider) = center(&loud).unwrap();
        assert!((middle - moved).abs() < 0.6 && (spread - wider).abs() < 1.5);
        assert!((spread - 1.4826).abs() < 1e-9);
    }
}
