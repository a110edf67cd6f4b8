//! One text in memory for every name and text that a file says again and again.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_64;

use super::line::Text;
use crate::history::{InvitationId, Payload, UserId};

/// How many of each kind are remembered. More are remembered anew.
const KEPT_MAX: usize = 64 * 1024;

/// What was read lately.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    users: HashSet<UserId>,
    invitations: HashSet<InvitationId>,
    /// By digest.
    texts: HashMap<u64, Payload>,
}

impl Shelf {
    /// The user of that name.
    pub(super) fn user(&mut self, name: &str) -> UserId {
        interned(&mut self.users, name)
    }

    /// The invitation of that id.
    pub(super) fn invitation(&mut self, id: &str) -> InvitationId {
        interned(&mut self.invitations, id)
    }

    /// The payload that a line says.
    pub(super) fn text(&mut self, text: &Text<'_>) -> Payload {
        let text = match text {
            Text::Whole(text) if text.is_empty() => return Payload::default(),
            Text::Whole(text) => text,
            Text::Digest(payload) => return payload.clone(),
        };
        let digest = xxh3_64(text.as_bytes());
        if let Some(known) = self.texts.get(&digest)
            && known.len() == text.len()
        {
            return known.clone();
        }
        if self.texts.len() >= KEPT_MAX {
            self.texts.clear();
        }
        let new = Payload::from_parts(digest, text.len(), text);
        self.texts.insert(digest, new.clone());
        new
    }
}

fn interned(names: &mut HashSet<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = names.get(name) {
        return known.clone();
    }
    if names.len() >= KEPT_MAX {
        names.clear();
    }
    let new: Arc<str> = Arc::from(name);
    names.insert(new.clone());
    new
}
