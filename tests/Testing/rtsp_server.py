"""An RTSP server on a free loopback port, which it prints: rtsp://127.0.0.1:PORT/part, ten pictures a second of a test pattern.
Usage: rtsp_server.py WIDTH HEIGHT PATTERN [--port PORT] [--codec jpeg|h264] [--audio] [--user NAME --password PASSWORD]
(Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good; for h264 gstreamer1.0-plugins-bad)"""
import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("width")
parser.add_argument("height")
parser.add_argument("pattern")
parser.add_argument("--port", default="0")
parser.add_argument("--codec", default="jpeg")
parser.add_argument("--audio", action="store_true")
parser.add_argument("--user")
parser.add_argument("--password")
options = parser.parse_args()

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(options.port)
factory = GstRtspServer.RTSPMediaFactory()
encoder = "openh264enc gop-size=5 ! rtph264pay config-interval=1" if options.codec == "h264" else "jpegenc ! rtpjpegpay"
# A sound track comes first, so that a reader that takes the first track of all takes the wrong one.
tracks = ["audiotestsrc is-live=true ! alawenc ! rtppcmapay"] if options.audio else []
tracks.append(
    f"videotestsrc is-live=true pattern={options.pattern} ! video/x-raw,format=I420,width={options.width},height={options.height},framerate=10/1 ! {encoder}")
factory.set_launch("( " + " ".join(f"{track} name=pay{i}" for i, track in enumerate(tracks)) + " )")
factory.set_shared(True)
if options.user:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role("user", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/part", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
