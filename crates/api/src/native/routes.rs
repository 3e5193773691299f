//! The routes of the native API: one row for each operation. A path without a row does not exist, and what
//! `/v1/openapi.json` tells is written from these rows.
//!
//! Before: `call` takes a path apart. After: `authorize` says what the operation needs, and `mod` carries it out. Left out
//! on purpose: what the bodies look like, which is `openapi`'s business.

mod table;

use http::Method;

pub(super) use table::ROUTES;

/// One operation.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    /// Below `/v1/`; `{name}` stands for a part of it, and `{a}:{b}` for two.
    pub(super) path: &'static str,
    /// The name under which it is logged, counted, permitted, and known in OpenAPI.
    pub(super) operation: &'static str,
    /// What it does, for people.
    pub(super) summary: &'static str,
    /// Query parameters with what they mean.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// Headers with what they mean.
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) takes: Takes,
    /// By status, when all went well.
    pub(super) gives: &'static [(u16, Gives)],
}

/// What the body of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// JSON by a schema of `openapi`.
    Json(&'static str),
    /// The same, or nothing.
    Perhaps(&'static str),
    /// One of several media types.
    Text(&'static [&'static str]),
}

/// What the body of a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Nothing,
    /// JSON by a schema of `openapi`.
    Json(&'static str),
    /// A JSON object with at least these members.
    With(&'static [&'static str]),
    /// The same, or a stream of events if the request accepts one.
    OrEvents(&'static [&'static str]),
    /// A text of this media type.
    Text(&'static str),
}

/// The route of a path, if there is one.
pub(super) fn find(method: &Method, path: &[&str]) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == *method && is_of(route.path, path))
}

fn is_of(row: &str, path: &[&str]) -> bool {
    let parts: Vec<&str> = row.split('/').collect();
    let fits = |(row, given): (&&str, &&str)| match row.split_once("}:") {
        _ if !row.starts_with('{') => row == given,
        Some(_) => given.contains(':'),
        None => !given.is_empty(),
    };
    parts.len() == path.len() && parts.iter().zip(path).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_row_that_is_meant() {
        let operation = |method: Method, path: &str| {
            let path: Vec<&str> = path.split('/').collect();
            find(&method, &path).map(|route| route.operation)
        };
        assert_eq!(operation(Method::GET, "deployments"), Some("ListDeployments"));
        assert_eq!(operation(Method::GET, "deployments/01A"), Some("ShowDeployment"));
        assert_eq!(operation(Method::POST, "deployments/01A:pause"), Some("OrderDeployment"));
        for path in ["deployments/01A", "deployments//", "deployment", "deployments/01A/plan/more", ""] {
            assert_eq!(operation(Method::POST, path), None, "{path}");
        }
    }

    #[test]
    fn every_row_needs_the_permission_of_its_name_and_no_two_rows_are_alike() {
        for (index, route) in ROUTES.iter().enumerate() {
            let path: Vec<&str> = route.path.split('/').collect();
            let (action, _) = super::super::authorize::needs(&route.method, &path).expect(route.path);
            assert_eq!(action, route.operation, "{}", route.path);
            for other in &ROUTES[..index] {
                assert!(other.operation != route.operation, "{} twice", route.operation);
            }
        }
    }
}
