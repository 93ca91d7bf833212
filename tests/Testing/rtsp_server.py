"""An RTSP server on a free loopback port, which it prints: rtsp://127.0.0.1:PORT/part, ten pictures a second of a test pattern.
Usage: rtsp_server.py WIDTH HEIGHT PATTERN [PORT]   (Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good)"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

width, height, pattern = sys.argv[1:4]
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[4] if len(sys.argv) > 4 else "0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( videotestsrc is-live=true pattern={pattern} ! video/x-raw,format=I420,width={width},height={height},framerate=10/1 ! jpegenc ! rtpjpegpay name=pay0 )")
factory.set_shared(True)
server.get_mount_points().add_factory("/part", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
