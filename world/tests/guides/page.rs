//! A guide taken apart, and the comparison of what was printed with what it says.

/// Files and commands of a guide, in their order.
pub(crate) struct Page {
    /// Name and content.
    pub(crate) files: Vec<(String, String)>,
    /// A command and what it should print.
    pub(crate) commands: Vec<(String, String)>,
}

impl Page {
    /// Reads the fences of a page.
    pub(crate) fn read(text: &str) -> Self {
        let mut page = Self { files: Vec::new(), commands: Vec::new() };
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(kind) = line.strip_prefix("```") else { continue };
            let fence: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match kind.split_once(' ') {
                Some((_, name)) => page.files.push((name.to_owned(), fence.join("\n") + "\n")),
                None if kind == "console" => page.add_commands(&fence),
                None => {}
            }
        }
        page
    }

    fn add_commands(&mut self, fence: &[&str]) {
        for line in fence {
            match (line.strip_prefix("$ "), self.commands.last_mut()) {
                (Some(command), _) => self.commands.push((command.to_owned(), String::new())),
                (None, Some((command, told))) if told.is_empty() && command.ends_with('\\') => {
                    command.push('\n');
                    command.push_str(line);
                }
                (None, Some((_, told))) => {
                    told.push_str(line);
                    told.push('\n');
                }
                (None, None) => panic!("a console begins with a command: {line}"),
            }
        }
    }
}

/// Whether what was printed is what the guide says.
pub(crate) fn fits(expected: &str, told: &str) -> bool {
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    all_fit(&lines(expected), &lines(told))
}

fn all_fit(expected: &[String], told: &[String]) -> bool {
    match expected.split_first() {
        None => told.is_empty(),
        Some((first, rest)) if first == "…" => (0..=told.len()).any(|skipped| all_fit(rest, &told[skipped..])),
        Some((first, rest)) => {
            told.split_first().is_some_and(|(line, others)| line_fits(first, line) && all_fit(rest, others))
        }
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    match expected.split_once('…') {
        None => expected == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| line_fits(after, &rest[at..]))
        }),
    }
}

#[test]
fn a_page_is_taken_apart_and_compared() {
    let page = Page::read(
        "text\n```yaml a/b.yaml\nx: 1\n```\n```console\n$ one \\\n  more\nout\n…\n$ two\n```\n```\n$ no\n```\n",
    );
    assert_eq!(page.files, [("a/b.yaml".to_owned(), "x: 1\n".to_owned())]);
    let commands: Vec<_> = page.commands.iter().map(|(command, told)| (command.as_str(), told.as_str())).collect();
    assert_eq!(commands, [("one \\\n  more", "out\n…\n"), ("two", "")]);
    for (expected, told, is_right) in [
        ("a\n…\nz\n", "a\nb\nc\nz\n", true),
        ("a\n…\nz\n", "a\nz\n", true),
        ("a…c\n", "a b c\n", true),
        ("a…c\n", "a b d\n", false),
        ("", "noise\n", false),
        ("…\n", "", true),
    ] {
        assert_eq!(fits(expected, told), is_right, "{expected:?} {told:?}");
    }
}
