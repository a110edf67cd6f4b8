//! Good histories: nothing is found, and every rule is met in one of them.

use super::tale::Tale;

/// Both log in, and alice's invitation is sent (events 0 to 5).
pub(super) const SENT: &str = "
    0   alice Connected
    0   bob   Connected
    100 alice create c peer=bob content=hi channel=r => 0
    100 alice send c peer=bob content=hi channel=r => 0
";

/// It rings, and alice knows (events 6 and 7).
pub(super) const RINGS: &str = "
    120 bob   remoteReceived c peer=alice content=hi channel=r state=1
    140 alice localReceivedByPeer c state=2
";

/// Sent, and nothing is known of anybody's connection (events 0 to 3).
pub(super) const SENT_UNKNOWN: &str = "
    100 alice create c peer=bob => 0
    100 alice send c => 0
";

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "accepted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=yes => 0
            1020 alice localAccepted c response=yes state=3
            1040 bob   remoteAccepted c state=4
        ",
        ],
        finds: "",
    },
    Tale {
        name: "accepted, the callee told first",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=yes => 0
            1020 bob   remoteAccepted c state=4
            1040 alice localAccepted c response=yes state=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "refused",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   refuse c response=no => 0
            1020 bob   remoteRefused c state=3
            1040 alice localRefused c response=no state=4
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob   remoteCanceled c state=5
            1040 alice localCanceled c state=5
        ",
        ],
        finds: "",
    },
    Tale {
        name: "sent and cancelled again, long after the end",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob   remoteCanceled c state=5
            1040 alice localCanceled c state=5
            90000 alice send c => 3
            90010 alice cancel c => 3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "expired, counted from the ack",
        recipe: &[
            SENT,
            RINGS,
            "
            60130 alice localFailure c code=3 state=6
            60130 bob   remoteFailure c code=3 state=6
        ",
        ],
        finds: "",
    },
    Tale {
        name: "expired, counted from the send",
        recipe: &["
            0   alice Connected
            0   bob   Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            20000 bob Connected
            20020 bob remoteReceived c peer=alice
            20040 alice localReceivedByPeer c
            60100 bob   remoteFailure c code=3
            60110 alice localFailure c code=3
        "],
        finds: "",
    },
    Tale {
        name: "cancelled before the device ack",
        recipe: &[
            SENT,
            "
            200 alice cancel c => 0
            220 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled while the callee is away",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob   Reconnecting
            2000  alice cancel c => 0
            12000 alice localCanceled c
            15000 bob   Connected
            15500 bob   remoteCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled, and told late to a silent callee",
        recipe: &[
            SENT,
            RINGS,
            "
            2000  alice cancel c => 0
            12000 alice localCanceled c
            12500 bob   remoteCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the callee is offline",
        recipe: &["
            0     alice Connected
            0     bob   Connecting
            100   alice create c peer=bob => 0
            100   alice send c => 0
            30100 alice localFailure c code=1
        "],
        finds: "",
    },
    Tale {
        name: "the callee logs in within the window",
        recipe: &["
            0     alice Connected
            0     bob   Connecting
            100   alice create c peer=bob => 0
            100   alice send c => 0
            5000  bob   Connected
            5900  bob   remoteReceived c
            5950  alice localReceivedByPeer c
            6000  bob   accept c => 0
            6010  alice localAccepted c
            6020  bob   remoteAccepted c
        "],
        finds: "",
    },
    Tale {
        name: "the device ack is lost, and both sides fail",
        recipe: &[
            SENT,
            "
            120   bob   remoteReceived c content=hi channel=r
            30100 alice localFailure c code=2
            30200 bob   remoteFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the device ack is lost, and the callee is told first",
        recipe: &[
            SENT,
            "
            120   bob   remoteReceived c content=hi channel=r
            30100 bob   remoteFailure c code=3
            30200 alice localFailure c code=2
        ",
        ],
        finds: "",
    },
    Tale {
        name: "sent without a log-in",
        recipe: &["
            0   alice Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            900 alice localFailure c code=4
        "],
        finds: "",
    },
    Tale {
        name: "sent without a log-in, and the call fails",
        recipe: &["
            0   alice Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 2
        "],
        finds: "",
    },
    Tale {
        name: "calls without a log-in fail",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  alice Logout
            1100  alice cancel c => 2
            60130 bob   remoteFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the accept is not acked",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            6000 bob   remoteFailure c code=2
            6010 alice localFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller is gone at the accept",
        recipe: &[
            SENT,
            RINGS,
            "
            500  alice Logout
            1000 bob   accept c => 0
            6000 bob   remoteFailure c code=1
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller is lost between its Accepted and its ack",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            1020 alice localAccepted c
            1030 alice Reconnecting
            6000 bob   remoteFailure c code=2
        ",
        ],
        finds: "",
    },
    Tale {
        name: "every wrong call gets its code",
        recipe: &["
            0    alice Connected
            0    bob   Connected
            0    carol Connected
            100  alice create c peer=bob => 0
            110  alice cancel c => 2
            115  bob   accept c => 2
            120  alice send c => 0
            130  alice send c => 5
            140  bob   remoteReceived c
            150  alice localReceivedByPeer c
            155  carol refuse c => 2
            160  bob   accept c response=y*8193 => 1
            170  bob   accept c response=y*8192 => 0
            175  bob   accept c => 4
            180  bob   refuse c => 3
            190  alice localAccepted c response=y*8192
            200  bob   remoteAccepted c
            210  bob   accept c => 3
            220  bob   refuse c => 3
            230  alice send c => 3
            240  alice cancel c => 3
        "],
        finds: "",
    },
    Tale {
        name: "wrong calls after a refuse get their codes",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   refuse c => 0
            1020 bob   remoteRefused c
            1030 bob   accept c => 3
            1040 alice localRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "arguments beyond their limits are refused",
        recipe: &["
            0   alice Connected
            100 alice create long peer=bob content=x*8193 => 0
            110 alice send long => 1
            120 alice create wide peer=bob channel=x*65 => 0
            130 alice send wide => 1
            140 alice create odd peer=null => 1
            150 alice send odd => 1
        "],
        finds: "",
    },
    Tale {
        name: "content written after the send stays home",
        recipe: &[
            SENT,
            "
            110 alice send c peer=bob content=other channel=r => 5
        ",
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "no text arrives as no text",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c => 0
            120 bob   remoteReceived c peer=alice
            140 alice localReceivedByPeer c
            200 alice cancel c => 0
            220 bob   remoteCanceled c
            240 alice localCanceled c
        "],
        finds: "",
    },
    Tale {
        name: "two invitations to the same callee",
        recipe: &[
            SENT,
            "
            101 alice create d peer=bob => 0
            102 alice send d => 0
        ",
            RINGS,
            "
            150 bob   remoteReceived d
            160 alice localReceivedByPeer d
            170 bob   accept d => 0
            180 alice localAccepted d
            190 bob   remoteAccepted d
            200 bob   refuse c => 0
            210 alice localRefused c
            220 bob   remoteRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "two users invite each other",
        recipe: &[
            SENT,
            "
            101 bob create d peer=alice => 0
            102 bob send d => 0
        ",
            RINGS,
            "
            150 alice remoteReceived d
            160 bob   localReceivedByPeer d
            170 alice accept d => 0
            180 bob   localAccepted d
            190 alice remoteAccepted d
            200 bob   refuse c => 0
            210 alice localRefused c
            220 bob   remoteRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "inviting oneself",
        recipe: &["
            0   alice Connected
            100 alice create c peer=alice => 0
            100 alice send c => 0
            110 alice remoteReceived c peer=alice
            120 alice localReceivedByPeer c
            130 alice accept c => 0
            140 alice localAccepted c
            150 alice remoteAccepted c
        "],
        finds: "",
    },
    Tale {
        name: "a log-in after the end of the offline window hears of nothing",
        recipe: &["
            0     alice Connected
            100   alice create c peer=bob content=hi => 0
            100   alice send c content=hi => 0
            30100 alice localFailure c code=1
            30101 bob   Connecting
            30102 bob   Connected
        "],
        finds: "",
    },
    Tale {
        name: "a content that is given only at the send",
        recipe: &["
            0   alice Connected
            0   bob   Connected
            100 alice create c peer=bob => 0
            100 alice send c content=hi => 0
            120 bob   remoteReceived c peer=alice content=hi
            140 alice localReceivedByPeer c
            200 alice cancel c => 0
            220 bob   remoteCanceled c
            240 alice localCanceled c
        "],
        finds: "",
    },
    Tale {
        name: "separate recorders, an accept against the caller that was cut off",
        recipe: &["
            order per-user
            0    bob   Connected
            0    bob   remoteReceived c peer=alice
            900  bob   accept c => 0
            5900 bob   remoteFailure c code=2
            90000 alice Connected
            90100 alice create c peer=bob => 0
            90100 alice send c => 0
            90200 alice localReceivedByPeer c
            91000 alice localAccepted c
            91001 alice Reconnecting
            92000 alice Connected
        "],
        finds: "",
    },
    Tale {
        name: "separate recorders, the callee is told of the caller's failure as its clock begins",
        recipe: &["
            order per-user
            1     bob   remoteReceived c
            1000  bob   remoteFailure c code=3
            100   alice create c peer=bob => 0
            100   alice send c => 0
            30100 alice localFailure c code=2
        "],
        finds: "",
    },
    Tale {
        name: "the first device is lost or leaves as the second logs in",
        recipe: &["
            0    bob#1   Connected
            0    carol#1 Connected
            0    dave#1  Connected
            2000 bob#2   Connected
            2001 bob#1   Reconnecting
            2000 carol#2 Connected
            2001 carol#1 Logout
            2000 dave#2  Connected
            2001 dave#1  Reconnecting
            9000 dave#1  Aborted
        "],
        finds: "",
    },
    Tale {
        name: "what was missed comes in the order of the sends",
        recipe: &["
            0    alice Connected
            0    bob   Connected
            100  bob   Reconnecting
            200  alice create a peer=bob => 0
            200  alice create b peer=bob => 0
            210  alice send a => 0
            220  alice send b => 0
            3000 bob   Connected
            3010 bob   remoteReceived a
            3011 bob   remoteReceived b
            3020 alice localReceivedByPeer a
            3021 alice localReceivedByPeer b
            4000 alice cancel b => 0
            4000 alice cancel a => 0
            4010 bob   remoteCanceled b
            4010 bob   remoteCanceled a
            4020 alice localCanceled b
            4020 alice localCanceled a
        "],
        finds: "",
    },
    Tale {
        name: "separate recorders, the callee's log first",
        recipe: &["
            order per-user
            0    bob   remoteReceived c peer=alice content=hi
            900  bob   accept c response=yes => 0
            920  bob   remoteAccepted c
            5000 alice create c peer=bob content=hi => 0
            5000 alice send c => 0
            5100 alice localReceivedByPeer c
            6000 alice localAccepted c response=yes
        "],
        finds: "",
    },
];
