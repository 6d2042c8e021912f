/**
 * Attaches pods to networks through CNI plugins and detaches them: configuration, plugin execution,
 * remembered results. Network namespaces are made elsewhere; pods are known here by id only.
 */
package io.gantry.cri.cni;
