//! Making keys, tokens and certificates: nothing is lost, and nothing of no use is made.

use std::fs::read_to_string;

use super::{Office, does, server};
use crate::support::{run, scratch, stderr};

/// What the program says when it refuses, as usage.
fn refuses(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    stderr(&output)
}

#[test]
fn a_certificate_in_use_is_replaced_only_on_request() {
    let office = Office::new("in-use");
    let [cert, key, other] = ["cert.pem", "key.pem", "other.pem"].map(|file| office.file(file));
    let before = read_to_string(&key).unwrap();
    for (cert, key) in [(&cert, &key), (&other, &key), (&cert, &other)] {
        let told = refuses(&["cert", "--cert", cert, "--key", key]);
        assert!(told.contains("--force"), "{told}");
    }
    assert_eq!(read_to_string(&key).unwrap(), before);
    assert!(!office.path("other.pem").exists());
    does(&["cert", "--force", "--cert", &cert, "--key", &key]);
    assert_ne!(read_to_string(&key).unwrap(), before);
    let told = refuses(&["cert", "--cert", &other, "--key", &other]);
    assert!(told.contains("two files"), "{told}");
}

#[test]
fn a_fault_of_a_file_names_that_file() {
    let office = Office::new("faults");
    let [cert, key] = ["cert.pem", "key.pem"].map(|file| office.file(file));
    let other = Office::new("faults-other").file("key.pem");
    for (given, named) in [
        ([&cert, &cert], vec![&cert]),
        ([&key, &key], vec![&key]),
        ([&cert, &other], vec![&cert, &other]),
    ] {
        let [cert, key] = given;
        let told = refuses(&["serve", "--tls-cert", cert, "--tls-key", key]);
        for file in named {
            assert!(told.contains(&format!("`{file}`")), "{file}: {told}");
        }
    }
    let told = refuses(&[
        "serve",
        "--tls-cert",
        &cert,
        "--tls-key",
        &office.file("keys.json"),
    ]);
    assert!(
        told.contains("keys.json") && !told.contains("cert.pem"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn a_secret_is_never_readable_by_others_whatever_was_there() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::new("readable");
    let keys = office.file("keys.json");
    let left_behind = office.path("keys.json.new");
    std::fs::write(&left_behind, "").unwrap();
    std::fs::set_permissions(&left_behind, PermissionsExt::from_mode(0o644)).unwrap();
    does(&["token", "keygen", "--out", &keys]);
    let mode = std::fs::metadata(&keys).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    assert!(!left_behind.exists());
}

#[test]
fn keys_made_in_one_second_have_names_of_their_own() {
    let folder = scratch("same-second");
    let keys = folder.join("keys.json").display().to_string();
    for _ in 0..3 {
        does(&["token", "keygen", "--out", &keys]);
    }
    let keys = read_to_string(&keys).unwrap();
    let mut ids: Vec<&str> = keys.lines().filter(|line| line.contains("kid")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[test]
fn keys_and_tokens_of_no_use_are_not_made() {
    let office = Office::new("no-use");
    let keys = office.file("keys.json");
    let keygen = ["token", "keygen", "--out", &keys];
    for id in ["", "two words", "a/b", "a\nb", "ключ", &"x".repeat(65)] {
        let told = refuses(&[&keygen[..], &["--id", id]].concat());
        assert!(told.contains("1 to 64"), "{id}: {told}");
    }
    let told = refuses(&[&keygen[..], &["--id", "first"]].concat());
    assert!(told.contains("has a key `first`"), "{told}");
    let told = refuses(&[&keygen[..], &["--public", &keys]].concat());
    assert!(told.contains("two files"), "{told}");
    let make = ["token", "make", "--key", &keys, "--user", "alice"];
    for lasts in [
        &["--lasts", "0s"][..],
        &["--lasts", "10ms"],
        &["--lasts", "1h", "--not-before", "1h"],
    ] {
        let told = refuses(&[&make[..], lasts].concat());
        assert!(told.contains("never be valid"), "{told}");
    }
    for number in 1..32 {
        does(&[&keygen[..], &["--id", &number.to_string()]].concat());
    }
    let told = refuses(&keygen);
    assert!(told.contains("at most 32"), "{told}");
    let (_server, _, _) = server(&["--auth-keys", &keys]);
}
