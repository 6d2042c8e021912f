/**
 * System call filters: the OCI specification's seccomp object compiled to the BPF program that
 * seccomp(2) takes, and the default profile. How and when a filter is installed must not be decided
 * here.
 */
package io.gantry.runtime.seccomp;
