//! Histories of calls that are under way while callbacks and other calls cross them.

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "an accept fails before its result",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c
            6000 bob   remoteFailure c code=2
            6005 bob   result accept c 0
            6010 alice localFailure c code=3
        ",
        ],
        finds: "~API-17@9",
    },
    Tale {
        name: "two callbacks before their call has come back",
        recipe: &["
            100  alice create c peer=bob => 0
            100  alice send c
            120  bob   remoteReceived c
            140  alice localReceivedByPeer c
            1000 bob   accept c => 0
            1020 alice localAccepted c
            1040 bob   remoteAccepted c
            1100 alice result send c 0
        "],
        finds: "~API-17@4",
    },
    Tale {
        name: "an accept of what had not been received yet is admitted",
        recipe: &[
            SENT,
            "
            110 bob   accept c
            120 bob   remoteReceived c content=hi channel=r
            130 bob   result accept c 0
            140 alice localReceivedByPeer c
            200 alice cancel c => 0
            210 bob   remoteCanceled c
            220 alice localCanceled c
        ",
        ],
        finds: "API-15@8",
    },
    Tale {
        name: "a refused accept takes effect while a refuse is under way",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=x*8193
            1001 bob   refuse c
            1002 bob   result accept c 1
            1003 bob   result refuse c 0
            1020 alice localAccepted c
        ",
        ],
        finds: "API-16@12",
    },
    Tale {
        name: "somebody else's accept comes back refused while the callee's is under way",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c
            1001 carol accept c => 2
            1002 bob   result accept c 0
            1020 alice localAccepted c
            1040 bob   remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a refuse that was refused for its response takes effect",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   refuse c response=x*8193 => 1
            1020 alice localRefused c
        ",
        ],
        finds: "API-16@10",
    },
    Tale {
        name: "a send that has rung comes back refused",
        recipe: &["
            100 alice create c peer=bob content=x*9000 => 0
            100 alice send c
            120 bob   remoteReceived c content=x*9000
            130 alice result send c 1
        "],
        finds: "API-2@4",
    },
    Tale {
        name: "separate recorders, a send that was acked comes back refused",
        recipe: &["
            order per-user
            100 alice create c peer=bob content=x*9000 => 0
            100 alice send c
            140 alice localReceivedByPeer c
            150 alice result send c 1
            0   bob   watches
        "],
        finds: "~API-17@3 API-2@4",
    },
    Tale {
        name: "a send without a log-in fails, and then its call",
        recipe: &["
            0   alice Connecting
            100 alice create c peer=bob => 0
            100 alice send c
            200 alice localFailure c code=4
            210 alice result send c 2
        "],
        finds: "~API-17@4",
    },
    Tale {
        name: "a callee logs in while the send is under way",
        recipe: &["
            0    alice Connected
            0    bob   Connecting
            100  alice create c peer=bob => 0
            100  alice send c
            200  bob   Connected
            5000 alice result send c 0
            5010 bob   remoteReceived c
            5020 alice localReceivedByPeer c
            5100 alice cancel c => 0
            5110 bob   remoteCanceled c
            5120 alice localCanceled c
        "],
        finds: "",
    },
    Tale {
        name: "silence, and a second send that never comes back",
        recipe: &[
            SENT,
            "
            200 alice send c
        ",
        ],
        finds: "FAIL-3@4",
    },
    Tale {
        name: "cancel and accept cross, the accept wins",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c
            1001 alice cancel c
            1002 alice result cancel c 3
            1003 bob   result accept c 0
            1020 alice localAccepted c
            1040 bob   remoteAccepted c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancel and accept cross, the cancel wins",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            1001 alice cancel c => 0
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "cancel and accept cross, and the accept comes too late",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1001 bob   accept c => 3
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "Received and Canceled cross on the wire",
        recipe: &[
            SENT,
            "
            105 alice cancel c => 0
            106 alice localCanceled c
            107 bob   remoteReceived c content=hi channel=r
            108 bob   remoteCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a log-in crosses the end of the offline window",
        recipe: &["
            0     alice Connected
            100   alice create c peer=bob content=hi => 0
            100   alice send c content=hi => 0
            30090 bob   Connecting
            30100 alice localFailure c code=1
            30101 bob   Connected
            30102 bob   remoteReceived c peer=alice content=hi
            30103 bob   remoteFailure c code=3
        "],
        finds: "",
    },
    Tale {
        name: "the taking of the accept and its failure cross, and the caller is cut off",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            6000 bob   remoteFailure c code=2
            6004 alice localAccepted c
            6005 alice Reconnecting
            6900 alice Connected
        ",
        ],
        finds: "",
    },
];
