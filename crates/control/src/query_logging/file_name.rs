//! The name of a log group as the name of a file: never a path, and never the same for two groups.

use ring::digest::{SHA256, digest};

/// Longest name that is kept whole; file systems take 255 bytes, and a rotated file has a number behind it.
const WHOLE_MAX: usize = 200;

/// `/aws/route53/example.com` becomes `+aws+route53+example.com.log`: no group's name holds a `+`. A longer one is cut,
/// and told from others by a hash.
pub(super) fn of(log_group: &str) -> String {
    let flat = log_group.replace('/', "+");
    if flat.len() <= WHOLE_MAX {
        return format!("{flat}.log");
    }
    let hash = digest(&SHA256, log_group.as_bytes());
    let hash: String = hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}++{hash}.log", &flat[..WHOLE_MAX - 40])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_group_leaves_the_folder_or_meets_another() {
        let long = |end: &str| format!("{}{end}", "x".repeat(511));
        let groups =
            ["/aws/route53/example.com", "aws/route53/example.com", "../../etc/passwd", "..", ".", "a/b", "a.b"];
        let groups = groups.into_iter().map(str::to_owned).chain([long("a"), long("b")]);
        let names: Vec<String> = groups.map(|group| of(&group)).collect();
        assert_eq!(names[0], "+aws+route53+example.com.log");
        for (i, name) in names.iter().enumerate() {
            assert!(name.len() <= 210 && !name.contains('/') && name.ends_with(".log"), "{name}");
            assert!(!names[..i].contains(name), "{name}");
        }
    }
}
