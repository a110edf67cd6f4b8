//! The recipes for CI: they are what their readers parse, the program takes every command in them, and the shell's does what it
//! says.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use ringcheck::cli::takes;
use serde_yaml::Value;

use crate::support::{Running, beside_another, root, scratch};

fn recipe(name: &str) -> String {
    fs::read_to_string(root().join("examples/ci").join(name)).unwrap()
}

fn yaml(name: &str) -> Value {
    serde_yaml::from_str(&recipe(name)).unwrap()
}

/// The program's command lines in a shell's text, with every variable filled in.
fn commands(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    let lines = text.lines().map(str::trim);
    let lines = lines.filter_map(|line| line.strip_prefix("ringcheck "));
    lines
        .map(|line| {
            let line = line.split(" || ").next().unwrap();
            let line = line
                .trim_end_matches(" &")
                .replace("$TARGET", "ws://127.0.0.1:7000");
            let line = line
                .replace("${{ matrix.part }}", "1")
                .replace("$RATE", "50");
            let line = line.replace("$CI_NODE_INDEX/$CI_NODE_TOTAL", "1/2");
            let line = line
                .replace("$SCENARIOS", "scenarios")
                .replace("$OUT", "reports");
            let line = line.replace("$GITHUB_STEP_SUMMARY", "summary.md");
            assert!(!line.contains('$'), "an unknown variable: {line}");
            let bare = line.replace(['"', '\''], "");
            bare.split_whitespace().map(str::to_owned).collect()
        })
        .collect()
}

/// The program takes them all; which commands they are.
fn are_taken(commands: &[Vec<String>]) -> Vec<&str> {
    for command in commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        if let Err(error) = takes(&words) {
            panic!("{words:?}: {error}");
        }
    }
    commands.iter().map(|command| command[0].as_str()).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value:?}"))
}

#[test]
fn github_gets_jobs_whose_commands_the_program_takes() {
    let workflow = yaml("github-actions.yml");
    let jobs = workflow["jobs"].as_mapping().unwrap();
    assert_eq!(jobs.len(), 2);
    let mut all = Vec::new();
    for (name, job) in jobs {
        assert_eq!(text(job, "runs-on"), "ubuntu-latest", "{name:?}");
        let mut uploads = 0;
        for step in job["steps"].as_sequence().unwrap() {
            match (step.get("run"), step.get("uses")) {
                (Some(run), None) => all.extend(commands(run.as_str().unwrap())),
                (None, Some(uses)) => {
                    let uses = uses.as_str().unwrap();
                    assert!(uses.starts_with("actions/") && uses.contains('@'), "{uses}");
                    if uses.starts_with("actions/upload-artifact") {
                        assert_eq!(text(step, "if"), "always()", "a red run has reports too");
                        uploads += 1;
                    }
                }
                (Some(_), Some(_)) | (None, None) => panic!("a step runs or uses: {step:?}"),
            }
        }
        assert_eq!(uploads, 1, "{name:?}");
    }
    assert_eq!(are_taken(&all), ["serve", "doctor", "run", "merge"]);
    assert_eq!(text(&workflow["jobs"]["report"], "needs"), "conformance");
}

#[test]
fn gitlab_gets_a_job_whose_commands_the_program_takes() {
    let pipeline = yaml("gitlab-ci.yml");
    let job = &pipeline["ringcheck"];
    let lines = ["before_script", "script"].map(|key| job[key].as_sequence().unwrap());
    let lines = lines
        .into_iter()
        .flatten()
        .map(|line| line.as_str().unwrap());
    let all = commands(&lines.collect::<Vec<_>>().join("\n"));
    assert_eq!(are_taken(&all), ["serve", "doctor", "run"]);
    let junit = text(&job["artifacts"]["reports"], "junit");
    assert!(all.concat().contains(&format!("junit={junit}")));
    assert_eq!(text(&job["artifacts"], "when"), "always");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = text(job, "image").strip_prefix("rust:").unwrap();
    assert!(manifest.contains(&format!("rust-version = \"{version}\"")));
}

/// Does what the shell's recipe says, against a server.
fn check(url: &str, scenarios: &str, out: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_ringcheck"));
    let path = std::env::var("PATH").unwrap();
    Command::new("sh")
        .arg("examples/ci/check.sh")
        .current_dir(root())
        .env(
            "PATH",
            format!("{}:{path}", program.parent().unwrap().display()),
        )
        .env("TARGET", url)
        .env("SCENARIOS", scenarios)
        .env("OUT", out)
        .env("DURATION", "1s")
        .env("RATE", "20")
        .output()
        .unwrap()
}

#[test]
fn the_shell_recipe_checks_a_server_and_keeps_the_exit_code() {
    let _seat = beside_another();
    assert_eq!(
        are_taken(&commands(&recipe("check.sh").replace("$DURATION", "1s"))),
        ["doctor", "run", "flood"]
    );
    // With the lifecycle's own clocks, so that a busy machine breaks none of them.
    let (server, url) = Running::server(&[]);
    let out = scratch("recipe");
    let output = check(&url, "scenarios/05-refuse/refuse.yaml", &out);
    let told = String::from_utf8_lossy(&output.stdout);
    // On a machine that is busy with other tests the flood may say nothing about the server.
    assert!(matches!(output.status.code(), Some(0 | 5)), "{output:?}");
    assert!(
        told.contains("everything demanded") || told.contains("too slow"),
        "{told}"
    );
    for report in [
        "run.jsonl",
        "junit.xml",
        "run.html",
        "flood.json",
        "flood.html",
    ] {
        assert!(out.join(report).exists(), "{report}");
    }
    let output = check(&url, "tests/planted", &scratch("recipe-planted"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("findings: look at "));
    drop(server);
    let output = check(&url, "scenarios/05-refuse", &scratch("recipe-dead"));
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}
