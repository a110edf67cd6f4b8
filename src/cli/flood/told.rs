//! The files of a flood that grow while it lasts: histograms of every second in the HDR log form, and the times of every
//! call.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use crate::cli::Failure;
use crate::flood::{Leg, Micros, Plan, Times, Told};

/// The files of a flood that grow while it lasts. The first error is kept for the end.
pub(super) struct Files {
    histograms: Option<(PathBuf, Histograms)>,
    times: Option<(PathBuf, BufWriter<File>)>,
    failed: Option<Failure>,
}

/// The HDR log, a line for each leg and second. Whoever adds its lines up has the histogram of the whole, to the count.
struct Histograms {
    out: BufWriter<File>,
    serializer: V2DeflateSerializer,
    begins: SystemTime,
    is_begun: bool,
    seconds: u64,
    /// The seconds at the beginning that belong to the warm-up of the plan are in the log as well, without any legs.
    lasts: Duration,
}

impl Files {
    pub(super) fn open(
        plan: &Plan,
        histograms: Option<&Path>,
        times: Option<&Path>,
    ) -> Result<Self, Failure> {
        let create = |path: &Path| {
            File::create(path)
                .map(BufWriter::new)
                .map_err(|source| failed(path, source))
        };
        let histograms = match histograms {
            None => None,
            Some(path) => Some((
                path.to_owned(),
                Histograms {
                    out: create(path)?,
                    serializer: V2DeflateSerializer::new(),
                    begins: SystemTime::now(),
                    is_begun: false,
                    seconds: 0,
                    lasts: plan.warm_up + plan.duration,
                },
            )),
        };
        let times = match times {
            None => None,
            Some(path) => {
                let mut out = create(path)?;
                writeln!(out, "{}", Times::HEADER).map_err(|source| failed(path, source))?;
                Some((path.to_owned(), out))
            }
        };
        Ok(Self {
            histograms,
            times,
            failed: None,
        })
    }

    /// Writes what was told.
    pub(super) fn told(&mut self, told: &Told<'_>) {
        if let Some((path, histograms)) = &mut self.histograms
            && let Err(source) = histograms.write(told)
        {
            self.failed.get_or_insert_with(|| failed(path, source));
        }
        if let Some((path, out)) = &mut self.times {
            let mut lines = told.times.iter().map(Times::line);
            if let Err(source) = lines.try_for_each(|line| writeln!(out, "{line}")) {
                self.failed.get_or_insert_with(|| failed(path, source));
            }
        }
    }

    /// Ends the files, or says what was wrong with writing any.
    pub(super) fn close(mut self) -> Result<(), Failure> {
        if let Some((path, mut histograms)) = self.histograms.take()
            && let Err(source) = histograms.out.flush()
        {
            self.failed.get_or_insert_with(|| failed(&path, source));
        }
        if let Some((path, mut out)) = self.times.take()
            && let Err(source) = out.flush()
        {
            self.failed.get_or_insert_with(|| failed(&path, source));
        }
        self.failed.map_or(Ok(()), Err)
    }
}

impl Histograms {
    fn write(&mut self, told: &Told<'_>) -> io::Result<()> {
        let mut builder = IntervalLogWriterBuilder::new();
        if !self.is_begun {
            self.is_begun = true;
            builder
                .add_comment("[ringcheck flood: microseconds, a tag for each leg]")
                .with_start_time(self.begins);
        }
        let mut log = builder.begin_log_with(&mut self.out, &mut self.serializer)?;
        let from = Duration::from_secs(self.seconds);
        // What came after the last whole second came in the drain.
        let lasts = match told.second {
            Some(_) => Duration::from_secs(1),
            None => self.lasts.saturating_sub(from),
        };
        self.seconds += 1;
        let legs = Leg::ALL.into_iter();
        let legs = legs.filter_map(|leg| Some((leg.name(), told.measures.leg(leg)?)));
        for (name, micros) in legs.chain([("start-lag", &told.measures.start_lag)]) {
            write(&mut log, (name, micros), (from, lasts))?;
        }
        Ok(())
    }
}

type Log<'a, 'b> = hdrhistogram::serialization::interval_log::IntervalLogWriter<
    'a,
    'b,
    BufWriter<File>,
    V2DeflateSerializer,
>;

fn write(
    log: &mut Log<'_, '_>,
    (name, micros): (&str, &Micros),
    (from, lasts): (Duration, Duration),
) -> io::Result<()> {
    if micros.is_empty() {
        return Ok(());
    }
    log.write_histogram(micros, from, lasts, Tag::new(name))
        .map_err(|error| io::Error::other(format!("{error:?}")))
}

fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::Write {
        path: path.to_owned(),
        source,
    }
}
