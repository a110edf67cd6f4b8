//! Histograms as text, without loss: the V2 form of HDR histograms in base64.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};

use super::measure::{Leg, Measures, Micros, micros};

/// The name beside those of the legs: by how much calls were begun late.
const START_LAG: &str = "start-lag";

/// The bytes before the counts: what kind it is, how many bytes of counts come, and the bounds.
const HEAD: usize = 40;

/// Where among them the number of bytes stands.
const LENGTH: std::ops::Range<usize> = 4..8;

/// Those of all legs that have any, and of how late calls were begun, by name.
pub(super) fn texts(measures: &Measures) -> BTreeMap<String, String> {
    let legs = Leg::ALL.into_iter();
    let legs = legs.filter_map(|leg| Some((leg.name(), measures.leg(leg)?)));
    legs.chain([(START_LAG, &measures.start_lag)])
        .filter(|(_, micros)| !micros.is_empty())
        .map(|(name, micros)| (name.to_owned(), STANDARD.encode(bytes(micros))))
        .collect()
}

/// Puts such texts into measures that have none yet.
///
/// # Errors
/// The name of a text that is none, or of which nothing is measured, and why.
pub(super) fn restore(
    texts: &BTreeMap<String, String>,
    measures: &mut Measures,
) -> Result<(), (String, String)> {
    for (name, text) in texts {
        let wrong = |reason: &str| (name.clone(), reason.to_owned());
        let leg = Leg::ALL.into_iter().find(|leg| leg.name() == name);
        let place = match leg {
            Some(leg) => measures.leg_mut(leg),
            None if name == START_LAG => Some(&mut measures.start_lag),
            None => None,
        };
        let place = place.ok_or_else(|| wrong("nothing is measured by that name"))?;
        *place = read(text).map_err(|reason| wrong(&reason))?;
    }
    Ok(())
}

fn bytes(micros: &Micros) -> Vec<u8> {
    let mut bytes = Vec::new();
    #[expect(
        clippy::expect_used,
        reason = "memory takes every byte, and the bounds are ours"
    )]
    V2Serializer::new()
        .serialize(micros, &mut bytes)
        .expect("a histogram of ours");
    bytes
}

/// The histogram of a text, if its bounds are ours: others would lose something when they are added.
fn read(text: &str) -> Result<Micros, String> {
    let bytes = (STANDARD.decode(text)).map_err(|error| format!("it is no base64: {error}"))?;
    let own = self::bytes(&micros());
    let head = bytes.get(..HEAD).ok_or("it is too short")?;
    let length = u32::try_from(bytes.len() - HEAD).map_err(|_| "it is too long")?;
    let is_ours = |place: usize| head.get(place) == own.get(place);
    if !(0..HEAD).all(|place| LENGTH.contains(&place) || is_ours(place)) {
        return Err(
            "it is no HDR histogram of the kind V2 with the bounds of a flood's".to_owned(),
        );
    }
    // Whoever believes another length makes room for it first.
    if head.get(LENGTH) != Some(&length.to_be_bytes()[..]) {
        return Err("it is cut off".to_owned());
    }
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn some() -> Measures {
        let mut measures = Measures::new();
        for us in 1..2000u64 {
            let took = Duration::from_micros(us * us);
            measures.took(Leg::Answer, Duration::ZERO, took);
            measures.lagged(Duration::from_micros(us));
        }
        measures
    }

    #[test]
    fn what_is_read_back_is_what_was_measured() {
        let some = some();
        let texts = texts(&some);
        assert_eq!(
            texts.keys().collect::<Vec<_>>(),
            ["answer", "start-lag"],
            "what is empty has no text"
        );
        let mut again = Measures::new();
        restore(&texts, &mut again).unwrap();
        assert_eq!(again.leg(Leg::Answer), some.leg(Leg::Answer));
        assert_eq!(again.start_lag, some.start_lag);
    }

    #[test]
    fn what_is_no_histogram_of_ours_says_why() {
        let whole = STANDARD.decode(&texts(&some())["answer"]).unwrap();
        let mut foreign = whole.clone();
        foreign[15] = 2;
        let mut longer = whole.clone();
        longer[4] = 0x7f;
        for (name, text, why) in [
            ("answer", "?".to_owned(), "no base64"),
            ("answer", STANDARD.encode(&whole[..20]), "too short"),
            ("answer", STANDARD.encode(&whole[..60]), "cut off"),
            ("answer", STANDARD.encode(longer), "cut off"),
            ("answer", STANDARD.encode(foreign), "the bounds"),
            ("reply", STANDARD.encode(&whole), "nothing is measured"),
        ] {
            let texts = BTreeMap::from([(name.to_owned(), text)]);
            let (of, reason) = restore(&texts, &mut Measures::new()).unwrap_err();
            assert_eq!(of, name);
            assert!(reason.contains(why), "{reason}");
        }
    }
}
