//! Why each requirement matters: what people experience where it is broken.

/// Why the requirement of that id matters.
pub fn why(requirement: &str) -> Option<&'static str> {
    let (_, why) = WHYS.iter().find(|(id, _)| *id == requirement)?;
    Some(why)
}

const WHYS: &[(&str, &str)] = &[
    (
        "OBJ-1",
        "An app prepares a call before it is online, and must be able to show it. Callbacks about a call that nobody made leave a screen that nobody can close.",
    ),
    (
        "OBJ-2",
        "An app builds its ringing screen from Received. What ends before it began crashes it, or flashes up and is gone.",
    ),
    (
        "OBJ-3",
        "An app frees the call at its ending. A second one is a crash in the field, or a missed call in the list for a call that was answered.",
    ),
    (
        "OBJ-4",
        "Apps decide by the state inside the callback. An old value there makes them act on a call that is already over.",
    ),
    (
        "OBJ-5",
        "Whoever is called sees who calls. A wrong name there is the worst bug that a call system can have.",
    ),
    (
        "OBJ-6",
        "The caller's app reuses its objects. If a later change went out, the callee would be shown one call and join another.",
    ),
    (
        "OBJ-7",
        "Libraries in different languages tell missing from empty differently. If the wire does too, an app shows `null` as a message.",
    ),
    (
        "SEND-1",
        "This is the call: it rings there, and the caller hears that it rings. Without the first nobody answers, without the second the caller hangs up.",
    ),
    (
        "SEND-2",
        "\"Ringing\" must mean that the phone rings. A server that says so by itself makes people wait for a phone that is switched off.",
    ),
    (
        "SEND-3",
        "The content carries what the app needs to connect the call. One changed byte, and both sides join different rooms.",
    ),
    (
        "SEND-4",
        "Networks repeat. Two rings of one call are two screens, and the second stays when the first is answered.",
    ),
    (
        "SEND-5",
        "A call that a third person sees is a leak, and somebody else may answer it.",
    ),
    (
        "SEND-6",
        "People call twice, and several people at once. If calls are found by the pair of users, ending one ends the other.",
    ),
    (
        "SEND-7",
        "Two people who call each other at once must not end up connected by a rule that neither app knows of, nor both refused.",
    ),
    (
        "SEND-8",
        "Calling oneself is how people test an app, and how one person's two devices are joined. Refusing it breaks the first thing that anybody tries.",
    ),
    (
        "CAN-1",
        "The caller has hung up: the phone must stop ringing, and the caller must know that it did.",
    ),
    (
        "CAN-2",
        "A phone that is switched on later must not ring for a call that was given up: people call back, and are told that nobody called.",
    ),
    (
        "CAN-3",
        "Hanging up must work while the other side is in a tunnel. A screen that says \"ending\" for a minute gets killed, and the call with it.",
    ),
    (
        "CAN-4",
        "A phone that comes out of the tunnel still shows the ringing call. It must learn that the call is over.",
    ),
    (
        "ACC-1",
        "The answer is the point of the call. If it does not reach the caller with its words, one side talks and the other still rings.",
    ),
    (
        "ACC-2",
        "The callee's app opens the microphone when it is confirmed. Confirmed too early, it talks to a caller who never took the answer.",
    ),
    (
        "ACC-3",
        "An answer that nobody takes must end soon, and say why: a person sits there with the phone at the ear.",
    ),
    (
        "ACC-4",
        "The caller is gone: the callee should be told just that, not that something went wrong.",
    ),
    (
        "ACC-5",
        "After the callee was told that it failed, the caller must not be connected after all: one side would wait alone in the room.",
    ),
    (
        "REF-1",
        "Whoever refuses wants it to be over, and the caller wants to know why. A refuse that is lost rings on.",
    ),
    (
        "REF-2",
        "Refusing must stop the ringing at once, whether or not the caller's phone is reachable just then.",
    ),
    (
        "FAIL-1",
        "\"Not reachable\" is an answer. Given too early it is wrong, too late or never and the caller listens to nothing.",
    ),
    (
        "FAIL-2",
        "People open the app because somebody rings them by other means. The call that waits must ring at once.",
    ),
    (
        "FAIL-3",
        "A phone that is online and does not answer the wire is broken or asleep. The caller must not be left ringing into it.",
    ),
    (
        "FAIL-4",
        "Nobody answers: both phones must stop, at about the same time, or one of them shows a call that is not there.",
    ),
    (
        "FAIL-5",
        "A call made before the log-in must fail loudly. Silence here is the most common complaint about call systems: nothing happens.",
    ),
    (
        "FAIL-6",
        "The caller has been told that it failed. A phone that still rings then is answered by somebody who talks to nobody.",
    ),
    (
        "FAIL-7",
        "The same number means different things in a result and in a failure. Mixed up, an app tells people the wrong thing.",
    ),
    (
        "API-1",
        "The first good send must be taken; an app has no other way to call.",
    ),
    (
        "API-2",
        "A call refused for its arguments must not ring somewhere, and the app may correct and send it.",
    ),
    (
        "API-3",
        "A double tap on the call button must not make a second call, and the app must be able to tell.",
    ),
    (
        "API-4",
        "An app that sends a call again which is over must hear so, not wait for a call that never rings.",
    ),
    (
        "API-5",
        "Cancelling what was never sent must not look like a cancelled call.",
    ),
    (
        "API-6",
        "Hanging up must be possible at any time until the end.",
    ),
    (
        "API-7",
        "Hanging up a call that is over is a race that every app loses sometimes. The result tells it that it did.",
    ),
    (
        "API-8",
        "The phone rings and somebody answers: that must be taken.",
    ),
    (
        "API-9",
        "A double tap on the answer button must not answer twice.",
    ),
    (
        "API-10",
        "An app that answers an answered call must hear so.",
    ),
    (
        "API-11",
        "Answering a call that has just ended is the most common race. The app must learn that there is nobody to talk to.",
    ),
    (
        "API-12",
        "The phone rings and somebody refuses: that must be taken.",
    ),
    (
        "API-13",
        "Whoever has answered and then refuses must be told that the answer stands, or the app shows neither.",
    ),
    (
        "API-14",
        "Refusing a call that is over must not change how it ended.",
    ),
    (
        "API-15",
        "An answer to a call that was never received, or is somebody else's, must do nothing: ids can be guessed.",
    ),
    (
        "API-16",
        "An answer that was refused for its words must not connect the call behind the app's back.",
    ),
    (
        "API-17",
        "An app sets its own state after the call returns. A callback that comes before finds it in the old one.",
    ),
    (
        "ORD-1",
        "An app keeps one state per call. Callbacks on two threads at once, or out of order, break it.",
    ),
    (
        "ORD-2",
        "It cannot ring before it was sent, nor be known to ring before it rings. Whoever sees that sees somebody else's call.",
    ),
    (
        "ORD-3",
        "\"Cancelled\" tells the caller that the other phone is quiet. Told before it is, the two of them meet in a call that is over.",
    ),
    ("ORD-4", "Nobody is connected before somebody has answered."),
    ("ORD-5", "Nobody is refused before somebody has refused."),
    (
        "ORD-6",
        "\"It rings\" after the end puts a dead call back on the screen.",
    ),
    (
        "AGR-1",
        "Both must know that they are connected, or one of them talks to nobody.",
    ),
    (
        "AGR-2",
        "Both must know that it was refused, or the caller waits for somebody who has said no.",
    ),
    (
        "AGR-3",
        "Both must know that it was cancelled, or the phone rings for a caller who is gone.",
    ),
    (
        "AGR-4",
        "The caller was told that nobody is there. Whoever then answers all the same talks to nobody.",
    ),
    (
        "AGR-5",
        "Both must know that it expired, or one of them still waits.",
    ),
    (
        "AGR-6",
        "An answer that did not get through must be known to whoever gave it as just that.",
    ),
    (
        "AGR-7",
        "There is one moment in which nobody can know whether an answer got through: the connection breaks while the last word is on its way. Anywhere else the two sides must agree.",
    ),
    (
        "AGR-8",
        "Somebody who calls must be told in the end, whatever happens. A call that rings for ever is the bug that people remember.",
    ),
    (
        "SES-1",
        "A user has one phone that rings. If the old one stays logged in, both ring, and an answer on one leaves the other ringing.",
    ),
    (
        "SES-2",
        "Connections break all day. People must not be logged out by a lift, and an app must be able to show that it is reconnecting.",
    ),
    (
        "SES-3",
        "What happened in the tunnel must be told afterwards: once, in order, and nothing that is over may ring.",
    ),
    (
        "SES-4",
        "Whoever logs out wants silence, and whoever calls then must hear that nobody is there.",
    ),
    (
        "SES-5",
        "A caller whose phone died must not leave another phone ringing.",
    ),
    (
        "SES-6",
        "Without a log-in a call has no caller. Taking it would ring in nobody's name.",
    ),
    (
        "SES-7",
        "A token is the only proof of who calls. A bad one that is taken lets anybody call as anybody.",
    ),
    (
        "LIM-1",
        "Apps put what they need into the content up to the limit. One byte less breaks them, and more than the limit breaks the other side.",
    ),
    (
        "LIM-2",
        "A channel id that is cut or refused below its limit joins the wrong room, or none.",
    ),
    (
        "LIM-3",
        "User ids come from other systems. One that is allowed must work, and one that is not must be told so.",
    ),
    (
        "LIM-4",
        "A queue without a bound is how one slow phone takes a server down. What was taken before must still be kept.",
    ),
    (
        "LIM-5",
        "A carrier limits each session. An app that is developed without the limit fails on its first busy day.",
    ),
];
