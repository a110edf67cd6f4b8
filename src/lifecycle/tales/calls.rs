//! Bad results of calls (section 7) and of limits (section 11).

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "the first send is refused",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c => 2
        "],
        finds: "API-1@3",
    },
    Tale {
        name: "a refused send takes effect",
        recipe: &["
            100 alice create c peer=null content=x*9000 => 0
            100 alice send c => 1
            120 null remoteReceived c
        "],
        finds: "API-2@4",
    },
    Tale {
        name: "a refused send fails",
        recipe: &["
            100 alice create c peer=null => 0
            100 alice send c => 1
            30100 alice localFailure c code=1
        "],
        finds: "API-2@4",
    },
    Tale {
        name: "an accept that ends the call comes back refused",
        recipe: &[
            SENT,
            RINGS,
            "
            60050 bob   accept c
            60060 alice localAccepted c
            60070 bob   remoteAccepted c
            60080 bob   result accept c 3
        ",
        ],
        finds: "~API-17@10 API-8@11",
    },
    Tale {
        name: "a second send is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice send c => 0
            1010 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "API-3@9",
    },
    Tale {
        name: "a second send is admitted at the same time",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c
            101 alice send c
            102 alice result send c 0
            103 alice result send c 0
            120 alice cancel c => 0
            130 alice localCanceled c
        "],
        finds: "API-3@5",
    },
    Tale {
        name: "a send after the end is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1100 alice send c => 0
        ",
        ],
        finds: "API-4@13",
    },
    Tale {
        name: "a cancel before the send is admitted",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice cancel c => 0
        "],
        finds: "API-5@3",
    },
    Tale {
        name: "a cancel is not admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 2
            60130 alice localFailure c code=3
            60130 bob remoteFailure c code=3
        ",
        ],
        finds: "API-6@9",
    },
    Tale {
        name: "a cancel is told AlreadyEnd out of the blue",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 3
            60130 alice localFailure c code=3
            60130 bob remoteFailure c code=3
        ",
        ],
        finds: "API-6@9",
    },
    Tale {
        name: "a cancel after the end is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1100 alice cancel c => 0
        ",
        ],
        finds: "API-7@13",
    },
    Tale {
        name: "an accept is not admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 2
            1010 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "API-8@9",
    },
    Tale {
        name: "an accept is told AlreadyEnd out of the blue",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 3
            1010 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "API-8@9",
    },
    Tale {
        name: "a second accept is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1001 bob accept c => 0
            1020 alice localAccepted c
            1040 bob remoteAccepted c
        ",
        ],
        finds: "API-9@11",
    },
    Tale {
        name: "two accepts at once are both admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c
            1001 bob accept c
            1002 bob result accept c 0
            1003 bob result accept c 0
            1020 alice localAccepted c
            1040 bob remoteAccepted c
        ",
        ],
        finds: "API-9@11",
    },
    Tale {
        name: "an accept after the accept is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1020 alice localAccepted c
            1040 bob remoteAccepted c
            1100 bob accept c => 0
        ",
        ],
        finds: "API-10@13",
    },
    Tale {
        name: "an accept after a cancel is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1100 bob accept c => 0
        ",
        ],
        finds: "API-11@13",
    },
    Tale {
        name: "a refuse is not admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob refuse c => 5
            1010 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "API-12@9",
    },
    Tale {
        name: "a refuse after an accept is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1001 bob refuse c => 0
            1020 alice localAccepted c
            1040 bob remoteAccepted c
        ",
        ],
        finds: "API-13@11",
    },
    Tale {
        name: "a refuse after the end is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1100 bob refuse c => 0
        ",
        ],
        finds: "API-14@13",
    },
    Tale {
        name: "an accept of nothing is admitted",
        recipe: &["
            100 bob accept c => 0
        "],
        finds: "API-15@1",
    },
    Tale {
        name: "an accept of somebody else's is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            500 carol accept c => 0
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "API-15@9",
    },
    Tale {
        name: "a refused accept takes effect",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c response=x*8193 => 1
            1020 alice localAccepted c
        ",
        ],
        finds: "API-16@10",
    },
    Tale {
        name: "a long answer after a refuse that is undecided",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob refuse c => 0
            1005 bob accept c response=x*8193 => 3
            1010 bob refuse c response=x*8193 => 1
            1020 bob remoteRefused c
            1040 alice localRefused c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a callback before its call has come back",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1050 alice result cancel c 0
        ",
        ],
        finds: "~API-17@10",
    },
    Tale {
        name: "a result of no domain",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 9
            60130 alice localFailure c code=3
            60130 bob remoteFailure c code=3
        ",
        ],
        finds: "FAIL-7@9",
    },
    Tale {
        name: "content one byte too long is admitted",
        recipe: &["
            100 alice create c peer=bob content=x*8193 => 0
            100 alice send c => 0
            110 alice cancel c => 0
            120 alice localCanceled c
        "],
        finds: "LIM-1@3",
    },
    Tale {
        name: "content of the full length is refused",
        recipe: &["
            100 alice create c peer=bob content=x*8192 => 0
            100 alice send c => 1
        "],
        finds: "LIM-1@3",
    },
    Tale {
        name: "a response one byte too long is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c response=x*8193 => 0
            1020 alice localAccepted c response=x*8193
            1040 bob remoteAccepted c
        ",
        ],
        finds: "LIM-1@9",
    },
    Tale {
        name: "a channel id one byte too long is admitted",
        recipe: &["
            100 alice create c peer=bob channel=x*65 => 0
            100 alice send c => 0
            110 alice cancel c => 0
            120 alice localCanceled c
        "],
        finds: "LIM-2@3",
    },
    Tale {
        name: "a channel id of the full length is refused",
        recipe: &["
            100 alice create c peer=bob channel=x*64 => 0
            100 alice send c => 1
        "],
        finds: "LIM-2@3",
    },
    Tale {
        name: "the callee null is admitted",
        recipe: &["
            100 alice create c peer=null => 0
            100 alice send c => 0
            110 alice cancel c => 0
            120 alice localCanceled c
        "],
        finds: "LIM-3@3",
    },
    Tale {
        name: "a good callee id is refused",
        recipe: &["
            100 alice create c peer=bob.smith => 0
            100 alice send c => 1
        "],
        finds: "LIM-3@3",
    },
    Tale {
        name: "two long sends under way at once are both refused",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c peer=bob content=a*8193
            101 alice send c peer=bob content=a*8193
            102 alice result send c 1
            103 alice result send c 1
        "],
        finds: "",
    },
    Tale {
        name: "of two sends under way at once the good one counts",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c peer=bob content=a*8193
            101 alice send c peer=bob content=hi
            102 alice result send c 1
            103 alice result send c 0
            110 bob   remoteReceived c peer=alice content=hi state=1
            120 alice localReceivedByPeer c state=2
            130 alice cancel c => 0
            140 bob   remoteCanceled c state=5
            150 alice localCanceled c state=5
        "],
        finds: "",
    },
    Tale {
        name: "an answer of a second device never comes back",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=yes => 0
            1010 alice localAccepted c response=yes state=3
            1020 bob   remoteAccepted c state=4
            1500 bob#2 Connected
            1510 bob   Aborted
            1600 bob#2 refuse c
        ",
        ],
        finds: "?API-12@14",
    },
    Tale {
        name: "of two accepts under way at once the good one counts",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=a*8193
            1000 bob   accept c response=yes
            1001 bob   result accept c 1
            1002 bob   result accept c 0
            1020 alice localAccepted c response=yes state=3
            1040 bob   remoteAccepted c state=4
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a send to oneself fails, and never comes back",
        recipe: &["
            100   alice create c peer=alice => 0
            100   alice send c
            30100 alice localFailure c code=2
        "],
        finds: "~API-17@3 ?API-1@2",
    },
    Tale {
        name: "a send that never comes back",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c
        "],
        finds: "?API-1@2",
    },
    Tale {
        name: "sent again after the end, which is remembered",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=yes => 0
            1020 alice localAccepted c response=yes state=3
            1040 bob   remoteAccepted c state=4
            6000 alice send c => 3
        ",
        ],
        finds: "",
    },
    Tale {
        name: "a response of the full length is refused",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=x*8192 => 1
            1010 alice cancel c => 0
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "LIM-1@9",
    },
    Tale {
        name: "a short response is refused",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c response=x => 1
            1010 alice cancel c => 0
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "API-8@9",
    },
    Tale {
        name: "a callee id of one letter is refused",
        recipe: &["
            100 alice create c peer=b => 0
            100 alice send c => 1
        "],
        finds: "LIM-3@3",
    },
    Tale {
        name: "a plain callee id is refused",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c => 1
        "],
        finds: "API-1@3",
    },
];
