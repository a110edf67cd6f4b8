//! Right histories in which so much crosses that a change of them is seldom a wrong one: nothing is found in any.

use super::super::judge;
use super::super::tales::history_of;

const RIGHT: [(&str, &str); 7] = [
    (
        "NotLoggedIn, and nothing is known of any log-in",
        "
            100 alice create c peer=bob => 0
            100 alice send c => 0
            200 alice localFailure c code=4
        ",
    ),
    (
        "a callee back after its grace was offline",
        "
            0     alice Connected
            0     bob   Connected
            1000  bob   Reconnecting
            35000 alice create c peer=bob => 0
            35000 alice send c => 0
            64990 bob   Connected
            65000 alice localFailure c code=1
        ",
    ),
    (
        "an accept crosses the expiry",
        "
            0   alice Connected
            0   bob   Connected
            100 alice create c peer=bob content=hi channel=r => 0
            100 alice send c peer=bob content=hi channel=r => 0
            120 bob   remoteReceived c peer=alice content=hi channel=r state=1
            140 alice localReceivedByPeer c state=2
            60120 bob   accept c
            60130 bob   remoteFailure c code=3
            60130 alice localFailure c code=3
            60140 bob   result accept c 3
        ",
    ),
    (
        "a call that did not cause the callback is under way",
        "
            0   alice Connected
            0   bob   Connected
            100 alice create c peer=bob content=hi channel=r => 0
            100 alice send c peer=bob content=hi channel=r => 0
            120 bob   remoteReceived c peer=alice content=hi channel=r state=1
            140 alice localReceivedByPeer c state=2
            1000 alice cancel c => 0
            1010 alice send c
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
            1050 alice result send c 3
        ",
    ),
    (
        "an accept overtakes a refuse under way",
        "
            0   alice Connected
            0   bob   Connected
            100 alice create c peer=bob content=hi channel=r => 0
            100 alice send c peer=bob content=hi channel=r => 0
            120 bob   remoteReceived c peer=alice content=hi channel=r state=1
            140 alice localReceivedByPeer c state=2
            1000 bob   refuse c
            1001 bob   accept c
            1002 bob   result accept c 0
            1003 bob   result refuse c 4
            1020 alice localAccepted c
            1040 bob   remoteAccepted c
        ",
    ),
    (
        "a refuse that was refused for its response gives way to an accept",
        "
            0   alice Connected
            0   bob   Connected
            100 alice create c peer=bob content=hi channel=r => 0
            100 alice send c peer=bob content=hi channel=r => 0
            120 bob   remoteReceived c peer=alice content=hi channel=r state=1
            140 alice localReceivedByPeer c state=2
            1000  bob   refuse c response=x*8193 => 1
            20000 bob   accept c => 0
            20020 alice localAccepted c
            20040 bob   remoteAccepted c
        ",
    ),
    (
        "an accept that was refused for its response leaves the expiry",
        "
            0   alice Connected
            0   bob   Connected
            100 alice create c peer=bob content=hi channel=r => 0
            100 alice send c peer=bob content=hi channel=r => 0
            120 bob   remoteReceived c peer=alice content=hi channel=r state=1
            140 alice localReceivedByPeer c state=2
            1000  bob   accept c response=x*8193 => 1
            60130 alice localFailure c code=3
            60130 bob   remoteFailure c code=3
        ",
    ),
];

#[test]
fn nothing_is_found_where_things_cross_rightly() {
    for (name, recipe) in RIGHT {
        let history = history_of(recipe).expect("a recipe");
        assert_eq!(judge(&history).findings, [], "{name}");
    }
}
