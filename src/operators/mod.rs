//! What a server tells its operators: its metrics page, asked for and read.

mod page;

use std::time::Duration;

use ureq::Agent;

pub use page::{Histogram, Page};

/// Where a server answers operators.
#[derive(Debug, Clone)]
pub struct Operators {
    agent: Agent,
    url: String,
}

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(5);

/// The longest page: a hundred times what the reference says.
const PAGE_BYTES_MAX: u64 = 1024 * 1024;

impl Operators {
    /// Those at that URL; `None` if it is not one where operators ask.
    pub fn at(url: &str) -> Option<Self> {
        if !url.starts_with("http://") {
            return None;
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(WITHIN))
            .proxy(None)
            .build();
        Some(Self {
            agent: agent.into(),
            url: format!("{}/metrics", url.trim_end_matches('/')),
        })
    }

    /// Where the page is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The page as it is now.
    ///
    /// # Errors
    /// Why there is none.
    pub fn page(&self) -> Result<Page, String> {
        let answer = self.agent.get(&self.url).call();
        let mut answer = answer.map_err(|error| error.to_string())?;
        let text = answer
            .body_mut()
            .with_config()
            .limit(PAGE_BYTES_MAX)
            .read_to_string()
            .map_err(|error| error.to_string())?;
        Page::parse(&text)
    }
}
