import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseCgroup } from './cgroup.ts'

const ID = '3f4a9d0c5b7e1f2a3f4a9d0c5b7e1f2a3f4a9d0c5b7e1f2a3f4a9d0c5b7e1f2a'
const POD = 'pod2c48913c-b29f-11e7-9350-020968147796'

// The forms that /proc/PID/cgroup has on machines with each of these.
test.each([
  { name: 'a service', text: '0::/system.slice/cron.service', unit: 'cron.service' },
  { name: 'a login', text: '0::/user.slice/user-1000.slice/session-3.scope', unit: 'session-3.scope', sessionId: '3' },
  {
    name: 'a login’s console',
    text: '0::/user.slice/user-0.slice/session-c1.scope',
    unit: 'session-c1.scope',
    sessionId: 'c1',
  },
  {
    name: 'a service of a user',
    text: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-x.scope',
    unit: 'app-gnome-x.scope',
  },
  { name: 'nothing but a slice', text: '0::/user.slice/user-1000.slice', unit: 'user-1000.slice' },
  {
    name: 'a name with an escape',
    text: String.raw`0::/system.slice/system-getty.slice/serial\x2dgetty@ttyS0.service`,
    unit: 'serial-getty@ttyS0.service',
  },
  {
    name: 'Docker with systemd',
    text: `0::/system.slice/docker-${ID}.scope`,
    containerId: ID,
    unit: `docker-${ID}.scope`,
  },
  {
    name: 'Docker with cgroupfs',
    text: `12:memory:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/`,
    containerId: ID,
  },
  {
    name: 'Docker, a service in it',
    text: `0::/docker/${ID}/system.slice/nginx.service`,
    containerId: ID,
    unit: 'nginx.service',
  },
  {
    name: 'containerd under Kubernetes',
    text: `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`,
    containerId: ID,
    unit: `cri-containerd-${ID}.scope`,
  },
  {
    name: 'containerd with a colon',
    text: `0::/system.slice/containerd.service/kubepods-besteffort-${POD}.slice:cri-containerd:${ID}`,
    containerId: ID,
    unit: 'containerd.service',
  },
  { name: 'Kubernetes with cgroupfs', text: `4:memory:/kubepods/burstable/${POD}/${ID}`, containerId: ID },
  {
    name: 'CRI-O',
    text: `0::/kubepods.slice/kubepods-${POD}.slice/crio-${ID}.scope/container`,
    containerId: ID,
    unit: `crio-${ID}.scope`,
  },
  {
    name: 'podman',
    text: `0::/machine.slice/libpod-${ID}.scope/container`,
    containerId: ID,
    unit: `libpod-${ID}.scope`,
  },
  {
    name: 'podman of a user',
    text: `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`,
    containerId: ID,
    unit: `libpod-${ID}.scope`,
  },
  { name: 'podman’s helper', text: `0::/machine.slice/libpod-conmon-${ID}.scope`, unit: `libpod-conmon-${ID}.scope` },
  {
    name: 'systemd-nspawn',
    text: String.raw`0::/machine.slice/machine-web\x2d1.scope/payload/system.slice/ssh.service`,
    containerId: 'web-1',
    unit: 'ssh.service',
  },
  {
    name: 'systemd-nspawn as a service',
    text: '0::/machine.slice/systemd-nspawn@web.service/payload',
    containerId: 'web',
    unit: 'systemd-nspawn@web.service',
  },
  { name: 'LXC', text: '0::/lxc.payload.web/system.slice/cron.service', containerId: 'web', unit: 'cron.service' },
  {
    name: 'LXC of old',
    text: '9:cpu:/lxc/web\n1:name=systemd:/lxc/web/init.scope',
    containerId: 'web',
    unit: 'init.scope',
  },
  { name: 'LXC’s helper', text: '0::/lxc.monitor.web' },
  { name: 'Amazon ECS', text: `9:memory:/ecs/0410eff2-7e59-4111-823e-1e0d98ef7f30/${ID}`, containerId: ID },
  { name: 'a machine without groups', text: '0::/' },
  { name: 'nothing', text: '' },
])('$name', ({ text, containerId, unit, sessionId }) => {
  expect(parseCgroup(text)).toEqual({ containerId, unit, sessionId })
})

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseCgroup(`0::/${text}\n${text}`)))
})
