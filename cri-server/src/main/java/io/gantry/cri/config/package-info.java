/**
 * The daemon's configuration: every key with its default and its words in {@link
 * io.gantry.cri.config.Keys}, read from gantry.toml into typed records. Nothing here acts on a
 * setting.
 */
package io.gantry.cri.config;
