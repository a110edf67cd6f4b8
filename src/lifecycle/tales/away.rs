//! Good histories of users who were away, who came back, or who logged in a second time.

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "a second device ends the first",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connected
            1010  bob#1 Aborted
            1020  bob#2 remoteReceived c content=hi channel=r
            2000  bob#2 accept c => 0
            2010  alice localAccepted c
            2020  bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a ring is under way to the first device while the second has it",
        recipe: &[
            SENT,
            "
            100  bob#2 Connected
            120  bob#2 remoteReceived c peer=alice content=hi channel=r
            125  bob#1 remoteReceived c peer=alice content=hi channel=r
            130  bob#1 Aborted
            140  alice localReceivedByPeer c
            2000 bob#2 accept c => 0
            2010 alice localAccepted c
            2020 bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a ring is under way to the first device while the second refuses",
        recipe: &[
            SENT,
            "
            100  bob#2 Connected
            120  bob#2 remoteReceived c peer=alice content=hi channel=r
            122  bob#2 refuse c => 0
            123  bob#2 remoteRefused c
            125  bob#1 remoteReceived c peer=alice content=hi channel=r
            130  bob#1 Aborted
            140  alice localReceivedByPeer c
            150  alice localRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled while it begins to ring on the second device",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob#2 Connected
            1010 bob#1 Aborted
            1011 alice cancel c => 0
            1020 bob#2 remoteReceived c content=hi channel=r
            1030 bob#2 remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "accepted by the second log-in after the accept of the first was lost with it",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob   accept c response=desk => 0
            1000  bob#2 Connected
            1010  bob   Aborted
            1020  bob#2 remoteReceived c content=hi channel=r
            2000  bob#2 accept c response=phone => 0
            2010  alice localAccepted c response=phone
            2020  bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "both log-ins accept before the first is told that it is over",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connected
            1020  bob#2 remoteReceived c content=hi channel=r
            1030  bob#2 accept c response=phone => 0
            1030  bob   accept c response=desk => 0
            1040  bob   Aborted
            1050  alice localAccepted c response=phone
            1060  bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "an accept that was never acked, the caller's connection lost just after the callee was told",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob   accept c response=yes => 0
            1020  alice localAccepted c response=yes
            6000  bob   remoteFailure c code=2
            6001  alice Reconnecting
            6100  alice Connected
        ",
        ],
        finds: "",
    },
    Tale {
        name: "both log-ins accept at once, and the first is shut out",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connected
            1010  bob   Aborted
            1020  bob#2 remoteReceived c content=hi channel=r
            1030  bob#2 accept c response=phone
            1030  bob   accept c response=desk
            1031  bob   result accept c 2
            1031  bob#2 result accept c 0
            1050  alice localAccepted c response=phone
            1060  bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "both log-ins accept at once, and both are admitted before the first is shut out",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connected
            1020  bob#2 remoteReceived c content=hi channel=r
            1030  bob   accept c response=desk
            1030  bob#2 accept c response=phone
            1031  bob   result accept c 0
            1031  bob#2 result accept c 0
            1040  bob   Aborted
            1050  alice localAccepted c response=phone
            1060  bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled while a second log-in shuts the first out, which hears of the cancel last",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connecting
            1010  alice cancel c => 0
            1020  bob#2 Connected
            1030  alice localCanceled c
            1040  bob   remoteCanceled c
            1050  bob   Aborted
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a call of the first device while the second logs in",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connecting
            1005  bob#1 accept c => 0
            1010  alice localAccepted c
            1020  bob#1 remoteAccepted c
            1030  bob#2 Connected
            1040  bob#1 Aborted
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller returns and gets what it missed",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  alice Reconnecting
            2000  bob   refuse c => 0
            2020  bob   remoteRefused c
            20000 alice Connected
            20100 alice localRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the callee logs out and is left alone",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob   Logout
            60130 alice localFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a send is lost with the caller's connection while the callee comes back",
        recipe: &["
            0    alice Connected
            0    bob   Connected
            50   bob   Reconnecting
            60   alice Reconnecting
            100  alice create c peer=bob => 0
            100  alice send c => 0
            150  bob   Connected
            4000 alice Connected
            4010 bob   remoteReceived c peer=alice
            4020 alice localReceivedByPeer c
            5000 bob   refuse c response=no => 0
            5010 alice localRefused c response=no
            5020 bob   remoteRefused c
        "],
        finds: "",
    },
    Tale {
        name: "the callee's ack is lost with its connection, and the expiry counts from the next",
        recipe: &[
            SENT,
            "
            120   bob   remoteReceived c peer=alice content=hi channel=r state=1
            121   bob   Reconnecting
            20000 bob   Connected
            20010 alice localReceivedByPeer c state=2
            80005 alice localFailure c code=3 state=6
            80006 bob   remoteFailure c code=3 state=6
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a cancel arrives with its caller, and the callee is away by then",
        recipe: &[
            SENT,
            RINGS,
            "
            500   alice Reconnecting
            1000  alice cancel c => 0
            5000  bob   Reconnecting
            6000  alice Connected
            16000 alice localCanceled c state=5
            17000 bob   Connected
            17010 bob   remoteCanceled c state=5
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a send after the log-out fails",
        recipe: &["
            0   alice Connected
            50  alice Logout
            100 alice create c peer=bob => 0
            100 alice send c => 0
            900 alice localFailure c code=4
        "],
        finds: "",
    },
    Tale {
        name: "a send of a device that was shut out fails",
        recipe: &["
            0   alice#1 Connected
            20  alice#2 Connected
            50  alice#1 Aborted
            100 alice#1 create c peer=bob => 0
            100 alice#1 send c => 0
            900 alice#1 localFailure c code=4
        "],
        finds: "",
    },
    Tale {
        name: "accepted by the second log-in long after the accept of the first was lost",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob   accept c response=desk => 0
            1000  bob#2 Connected
            1010  bob   Aborted
            1020  bob#2 remoteReceived c content=hi channel=r
            20000 bob#2 accept c response=phone => 0
            20010 alice localAccepted c response=phone
            20020 bob#2 remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "refused by the second log-in long after the refuse of the first was lost",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob   refuse c response=desk => 0
            1000  bob#2 Connected
            1010  bob   Aborted
            1020  bob#2 remoteReceived c content=hi channel=r
            20000 bob#2 refuse c response=phone => 0
            20010 alice localRefused c response=phone
            20020 bob#2 remoteRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "both log-ins refuse at once, and both are admitted before the first is shut out",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connected
            1020  bob#2 remoteReceived c content=hi channel=r
            1030  bob   refuse c response=desk
            1030  bob#2 refuse c response=phone
            1031  bob   result refuse c 0
            1031  bob#2 result refuse c 0
            1040  bob   Aborted
            1050  alice localRefused c response=phone
            1060  bob#2 remoteRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller logs out as it takes the accept",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            1010 alice Logout
            1040 bob   remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled just before the limit of the ack",
        recipe: &[
            SENT,
            "
            110   bob   Reconnecting
            29000 alice cancel c => 0
            38000 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancelled just after the callee logs in",
        recipe: &["
            0    alice Connected
            0    bob   Connecting
            100  alice create c peer=bob => 0
            100  alice send c => 0
            5000 bob   Connected
            5010 alice cancel c => 0
            9000 alice localCanceled c
        "],
        finds: "",
    },
    Tale {
        name: "a device that was lost as another logged in is shut out at its return",
        recipe: &["
            0    bob#1 Connected
            2000 bob#2 Connected
            2001 bob#1 Reconnecting
            4000 bob#1 Connected
            5000 bob#1 Aborted
        "],
        finds: "",
    },
];
