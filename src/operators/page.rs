//! A metrics page in Prometheus' text form, as samples.
//!
//! The libraries for it cut labels at every comma, or come under terms that do not fit.

/// One line of the page: a name, labels, a value.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

/// The samples of one page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    samples: Vec<Sample>,
}

/// A histogram of a page: how many were at most so much, and how much all were together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// Upper bounds with counts, each with those before it; the last bound is infinite.
    pub buckets: Vec<(f64, f64)>,
}

impl Page {
    /// Reads a page, or names its first line that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut samples = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let sample =
                sample(line).ok_or_else(|| format!("line {} is not a metric: `{line}`", at + 1))?;
            samples.push(sample);
        }
        Ok(Self { samples })
    }

    /// The value of a metric without labels.
    pub fn value(&self, name: &str) -> Option<f64> {
        let sample = self.samples.iter().find(|sample| sample.name == name)?;
        Some(sample.value)
    }

    /// The values of a metric by one of its labels, in the order of the page.
    pub fn by(&self, name: &str, label: &str) -> Vec<(&str, f64)> {
        let named = self.samples.iter().filter(|sample| sample.name == name);
        named
            .filter_map(|sample| Some((sample.label(label)?, sample.value)))
            .collect()
    }

    /// A histogram, the one with that value of that label.
    pub fn histogram(&self, name: &str, label: &str, value: &str) -> Histogram {
        let bucket = format!("{name}_bucket");
        let ours = self
            .samples
            .iter()
            .filter(|sample| sample.name == bucket && sample.label(label) == Some(value));
        let mut buckets: Vec<(f64, f64)> = ours
            .filter_map(|sample| Some((number(sample.label("le")?)?, sample.value)))
            .collect();
        // Some leave out the last bucket, which is the count.
        let all = self.by(&format!("{name}_count"), label);
        let all = all.iter().find(|(its, _)| *its == value);
        if let Some((_, count)) = all
            && buckets.last().is_none_or(|(bound, _)| bound.is_finite())
        {
            buckets.push((f64::INFINITY, *count));
        }
        Histogram { buckets }
    }
}

impl Sample {
    fn label(&self, name: &str) -> Option<&str> {
        let label = self.labels.iter().find(|(label, _)| label == name)?;
        Some(&label.1)
    }
}

impl Histogram {
    /// What came after an earlier state of the same histogram.
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |at: usize| earlier.buckets.get(at).map_or(0.0, |(_, count)| *count);
        Self {
            buckets: self
                .buckets
                .iter()
                .enumerate()
                // A server that was started again begins at nothing.
                .map(|(at, (bound, count))| (*bound, (count - before(at)).max(0.0)))
                .collect(),
        }
    }

    /// How many there were.
    pub fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// The value that this share of them did not pass, evenly spread within its bucket; `None` if there were none. What
    /// is beyond the last finite bound counts as that bound.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.count();
        if self.count() <= 0.0 {
            return None;
        }
        let (mut below, mut counted) = (0.0, 0.0);
        for (bound, count) in &self.buckets {
            if *count >= wanted && *count > counted {
                if bound.is_infinite() {
                    return Some(below);
                }
                return Some(below + (bound - below) * (wanted - counted) / (count - counted));
            }
            (below, counted) = (*bound, *count);
        }
        None
    }
}

/// `name{label="value",…} value`, with or without labels; what follows the value is a time or an example.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            rest = rest.trim_start_matches([',', ' ']);
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
            let (label, after) = rest.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            labels.push((label.trim().to_owned(), value));
            rest = after;
        }
    }
    Some(Sample {
        name: name.to_owned(),
        labels,
        value: number(rest.split_whitespace().next()?)?,
    })
}

/// A label's value up to its closing quote, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

/// A number as Go writes it.
fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_values_by_name_and_label() {
        let page = Page::parse(
            "# HELP sessions Sessions\n# TYPE sessions gauge\nsessions 3\n\
             ended_total{outcome=\"accepted\"} 12 1700000000000\n\
             ended_total{outcome=\"a, \\\"b\\\" = {c}\\\\\",more=\"x\"} 1.5e3 # {id=\"7\"} 1\n# EOF\n",
        )
        .unwrap();
        assert_eq!(page.value("sessions"), Some(3.0));
        assert_eq!(page.value("connections"), None);
        assert_eq!(
            page.by("ended_total", "outcome"),
            [("accepted", 12.0), ("a, \"b\" = {c}\\", 1500.0)]
        );
    }

    #[test]
    fn a_line_that_is_no_metric_is_named() {
        for wrong in [
            "<html>",
            "sessions",
            "sessions three",
            "a{b=\"c} 1",
            "a{b=c} 1",
        ] {
            let error = Page::parse(&format!("sessions 3\n{wrong}\n")).unwrap_err();
            assert!(error.starts_with("line 2 "), "{wrong}: {error}");
        }
    }

    #[test]
    fn quantiles_are_spread_evenly_within_a_bucket() {
        let page = Page::parse(
            "leg_bucket{leg=\"ring\",le=\"0.1\"} 10\nleg_bucket{leg=\"ring\",le=\"0.2\"} 20\n\
             leg_bucket{leg=\"ring\",le=\"+Inf\"} 40\nleg_bucket{leg=\"other\",le=\"+Inf\"} 0\n",
        )
        .unwrap();
        let ring = page.histogram("leg", "leg", "ring");
        assert_eq!(ring.count(), 40.0);
        assert_eq!(ring.quantile(0.125), Some(0.05));
        assert!((ring.quantile(0.375).unwrap() - 0.15).abs() < 1e-9);
        assert_eq!(ring.quantile(0.99), Some(0.2), "beyond the last bound");
        assert_eq!(page.histogram("leg", "leg", "other").quantile(0.5), None);
        let short =
            Page::parse("leg_bucket{leg=\"a\",le=\"1\"} 1\nleg_count{leg=\"a\"} 4\n").unwrap();
        assert_eq!(short.histogram("leg", "leg", "a").count(), 4.0);
        let later = ring.since(&Histogram {
            buckets: vec![(0.1, 10.0), (0.2, 10.0), (f64::INFINITY, 30.0)],
        });
        assert_eq!(later.count(), 10.0);
        assert!((later.quantile(0.5).unwrap() - 0.15).abs() < 1e-9);
    }
}
