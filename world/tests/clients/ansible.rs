//! Ansible with its own modules for Route 53, of the collection `amazon.aws`.

use std::ffi::OsStr;

use world::place::{Folder, python};
use world::process::Server;

use super::client::client_with;

#[test]
fn ansible() {
    let folder = Folder::new("ansible");
    let server = Server::start(&folder.path().join("data"));
    let (python, home) = (python(), folder.path().join("ansible"));
    let configuration = folder.write("ansible.cfg", "");
    let playbook = python.with_file_name("ansible-playbook");
    let more: [(&str, &OsStr); 5] = [
        // Its temporary files, and no configuration of the user's.
        ("ANSIBLE_HOME", home.as_os_str()),
        ("ANSIBLE_CONFIG", configuration.as_os_str()),
        // The playbook merges what it repeats, and overrides parts of it.
        ("ANSIBLE_DUPLICATE_YAML_DICT_KEY", OsStr::new("ignore")),
        // The modules run in a process of their own, with the Python that has boto3.
        ("ANSIBLE_PYTHON_INTERPRETER", python.as_os_str()),
        ("ANSIBLE_LOCALHOST_WARNING", OsStr::new("false")),
    ];
    client_with(&server, &playbook, &["--connection", "local", "--inventory", "localhost,", "ansible.yaml"], &more);
    assert!(server.stop());
}
