//! Histories at the edges of every clock: as early and as late as is right, and a millisecond beyond.
//!
//! Early is wrong beyond 50 ms or 1 %, whichever is more; late is a warning beyond that, and wrong beyond 10 % and 1 s.

use super::good::{RINGS, SENT};
use super::tale::Tale;

/// Alice's invitation is sent at 100 ms to bob, who is not logged in (events 0 to 5).
const SENT_OFFLINE: &str = "
    0   alice Connected
    0   bob   Connecting
    100 alice create c peer=bob content=hi channel=r => 0
    100 alice send c peer=bob content=hi channel=r => 0
";

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "RemoteOffline as early as is right",
        recipe: &[
            SENT_OFFLINE,
            "
            29800 alice localFailure c code=1
        ",
        ],
        finds: "",
    },
    Tale {
        name: "RemoteOffline a millisecond too early",
        recipe: &[
            SENT_OFFLINE,
            "
            29799 alice localFailure c code=1
        ",
        ],
        finds: "FAIL-1@6",
    },
    Tale {
        name: "RemoteOffline as late as is on time",
        recipe: &[
            SENT_OFFLINE,
            "
            30400 alice localFailure c code=1
        ",
        ],
        finds: "",
    },
    Tale {
        name: "RemoteOffline a millisecond late",
        recipe: &[
            SENT_OFFLINE,
            "
            30401 alice localFailure c code=1
        ",
        ],
        finds: "~FAIL-1@6",
    },
    Tale {
        name: "RemoteOffline as late as is right",
        recipe: &[
            SENT_OFFLINE,
            "
            34100 alice localFailure c code=1
        ",
        ],
        finds: "~FAIL-1@6",
    },
    Tale {
        name: "RemoteOffline a millisecond too late",
        recipe: &[
            SENT_OFFLINE,
            "
            34101 alice localFailure c code=1
        ",
        ],
        finds: "FAIL-1@4",
    },
    Tale {
        name: "RemoteNoResponse as early as is right",
        recipe: &[
            SENT,
            "
            110 bob Reconnecting
            29800 alice localFailure c code=2
        ",
        ],
        finds: "",
    },
    Tale {
        name: "RemoteNoResponse a millisecond too early",
        recipe: &[
            SENT,
            "
            110 bob Reconnecting
            29799 alice localFailure c code=2
        ",
        ],
        finds: "FAIL-3@7",
    },
    Tale {
        name: "RemoteNoResponse as late as is on time",
        recipe: &[
            SENT,
            "
            110 bob Reconnecting
            30400 alice localFailure c code=2
        ",
        ],
        finds: "",
    },
    Tale {
        name: "RemoteNoResponse a millisecond late",
        recipe: &[
            SENT,
            "
            110 bob Reconnecting
            30401 alice localFailure c code=2
        ",
        ],
        finds: "~FAIL-3@7",
    },
    Tale {
        name: "RemoteNoResponse as late as is right",
        recipe: &[
            SENT,
            "
            110 bob Reconnecting
            34100 alice localFailure c code=2
        ",
        ],
        finds: "~FAIL-3@7",
    },
    Tale {
        name: "RemoteNoResponse a millisecond too late",
        recipe: &[
            SENT,
            "
            110 bob Reconnecting
            34101 alice localFailure c code=2
        ",
        ],
        finds: "FAIL-3@4",
    },
    Tale {
        name: "the caller expires as early as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            59500 alice localFailure c code=3
            59500 bob remoteFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller expires a millisecond too early",
        recipe: &[
            SENT,
            RINGS,
            "
            59499 alice localFailure c code=3
            59499 bob remoteFailure c code=3
        ",
        ],
        finds: "FAIL-4@8",
    },
    Tale {
        name: "the caller expires as late as is on time",
        recipe: &[
            SENT,
            RINGS,
            "
            60740 alice localFailure c code=3
            60740 bob remoteFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller expires a millisecond late",
        recipe: &[
            SENT,
            RINGS,
            "
            60741 alice localFailure c code=3
            60741 bob remoteFailure c code=3
        ",
        ],
        finds: "~FAIL-4@8 ~FAIL-4@9",
    },
    Tale {
        name: "the callee expires late, the caller on time",
        recipe: &[
            SENT,
            RINGS,
            "
            60130 alice localFailure c code=3 state=6
            60800 bob   remoteFailure c code=3 state=6
        ",
        ],
        finds: "~FAIL-4@9",
    },
    Tale {
        name: "an accept is confirmed late",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=yes => 0
            1020 alice localAccepted c response=yes state=3
            6060 bob   remoteAccepted c state=4
        ",
        ],
        finds: "~ACC-3@11",
    },
    Tale {
        name: "AcceptFailure as early as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice Reconnecting
            1000 bob accept c => 0
            5950 bob remoteFailure c code=2
            8000 alice Connected
            8010 alice localFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "AcceptFailure a millisecond too early",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice Reconnecting
            1000 bob accept c => 0
            5949 bob remoteFailure c code=2
            8000 alice Connected
            8010 alice localFailure c code=3
        ",
        ],
        finds: "ACC-3@11",
    },
    Tale {
        name: "AcceptFailure as late as is on time",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice Reconnecting
            1000 bob accept c => 0
            6050 bob remoteFailure c code=2
            8000 alice Connected
            8010 alice localFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "AcceptFailure a millisecond late",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice Reconnecting
            1000 bob accept c => 0
            6051 bob remoteFailure c code=2
            8000 alice Connected
            8010 alice localFailure c code=3
        ",
        ],
        finds: "~ACC-3@11",
    },
    Tale {
        name: "AcceptFailure as late as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice Reconnecting
            1000 bob accept c => 0
            7500 bob remoteFailure c code=2
            8000 alice Connected
            8010 alice localFailure c code=3
        ",
        ],
        finds: "~ACC-3@11",
    },
    Tale {
        name: "AcceptFailure a millisecond too late",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice Reconnecting
            1000 bob accept c => 0
            7501 bob remoteFailure c code=2
            8000 alice Connected
            8010 alice localFailure c code=3
        ",
        ],
        finds: "ACC-3@9",
    },
    Tale {
        name: "a cancel is confirmed as late as is on time",
        recipe: &[
            SENT,
            RINGS,
            "
            900 bob Reconnecting
            1000 alice cancel c => 0
            11100 alice localCanceled c
            20000 bob Connected
            20010 bob remoteCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a cancel is confirmed a millisecond late",
        recipe: &[
            SENT,
            RINGS,
            "
            900 bob Reconnecting
            1000 alice cancel c => 0
            11101 alice localCanceled c
            20000 bob Connected
            20010 bob remoteCanceled c
        ",
        ],
        finds: "~CAN-3@11",
    },
    Tale {
        name: "a cancel is confirmed as late as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            900 bob Reconnecting
            1000 alice cancel c => 0
            13000 alice localCanceled c
            20000 bob Connected
            20010 bob remoteCanceled c
        ",
        ],
        finds: "~CAN-3@11",
    },
    Tale {
        name: "a cancel is confirmed a millisecond too late",
        recipe: &[
            SENT,
            RINGS,
            "
            900 bob Reconnecting
            1000 alice cancel c => 0
            13001 alice localCanceled c
            20000 bob Connected
            20010 bob remoteCanceled c
        ",
        ],
        finds: "CAN-3@9",
    },
    Tale {
        name: "an accept is confirmed as late as is on time",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=yes => 0
            1020 alice localAccepted c response=yes state=3
            6050 bob   remoteAccepted c state=4
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller is told of its cancel first, as early as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  alice cancel c => 0
            10900 alice localCanceled c
            10910 bob   remoteCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "the caller is told of its cancel first, a millisecond too early",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  alice cancel c => 0
            10899 alice localCanceled c
            10910 bob   remoteCanceled c
        ",
        ],
        finds: "ORD-3@10",
    },
    Tale {
        name: "an accept crosses an expiry that is as early as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            59400 bob   accept c => 0
            59500 alice localFailure c code=3
            59500 bob   remoteFailure c code=3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "an accept is taken too long after its failure to cross with it",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            6000 bob   remoteFailure c code=2
            6050 alice localAccepted c
            6051 alice Reconnecting
            6900 alice Connected
        ",
        ],
        finds: "ACC-5@11",
    },
    Tale {
        name: "a history that ends as the failure is as late as is right",
        recipe: &[
            SENT,
            "
            end 34100
        ",
        ],
        finds: "?FAIL-3@4",
    },
    Tale {
        name: "a history that ends a millisecond later",
        recipe: &[
            SENT,
            "
            end 34101
        ",
        ],
        finds: "FAIL-3@4",
    },
    Tale {
        name: "both sides fail on an accept as early as is right",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c => 0
            5950 bob   remoteFailure c code=2
            5950 alice localFailure c code=3
        ",
        ],
        finds: "",
    },
];
