//! The text that a new scenario begins with.

use super::layout::sentence;
use super::read::literal;

/// A scenario of that name with comments for whoever writes it on; it is right and passes as it is.
pub fn starting_point(name: &str) -> String {
    let words = literal(&name.replace(['-', '_'], " "));
    let mut letters = words.trim().chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let promise = sentence(&(first.unwrap_or_default() + letters.as_str()));
    format!("# The promise, in words: what holds for whoever calls.\nscenario: {promise}\n{REST}")
}

const REST: &str = "\
# What it exercises; `ringcheck explain` lists the requirements, `ringcheck explain ACC-1` tells one.
covers: [SEND-1, ACC-1]
# All are logged in at the start; `offline: [bob]` keeps bob away.
users: [alice, bob]
steps:
  # alice rings bob. `call` is a label of your choice.
  - alice: { create: call, callee: bob, content: \"Shall we?\" }
  - alice: { send: call }
  # Every callback must be expected or allowed: what nobody asked for fails the scenario.
  - bob:   { expect: remoteInvitationReceived, of: call, content: \"Shall we?\" }
  - alice: { expect: localInvitationReceivedByPeer, of: call }
  # What is it about? Try `refuse: call` by bob, `cancel: call` by alice, or `drop`.
  - bob:   { accept: call, response: \"On my way\" }
  # The two sides hear of the end in either order.
  - any_order:
      - bob:   { expect: remoteInvitationAccepted, of: call }
      - alice: { expect: localInvitationAccepted, of: call, response: \"On my way\" }
# Nothing follows an end. scenarios/README.md teaches the rest.
";
