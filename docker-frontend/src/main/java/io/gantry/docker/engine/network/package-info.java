/**
 * The Engine API's endpoints about networks. Networks are gantry.v1's; {@code host} and {@code
 * none} are names only. Which containers there are is known elsewhere, see {@link
 * io.gantry.docker.engine.network.Members}.
 */
package io.gantry.docker.engine.network;
