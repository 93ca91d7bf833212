// A C face for the few functions of OpenCV that the engine uses (see OpenCv.System.cs, its only caller).
// Pixels cross it row-major, interleaved, tightly packed, 8 or 16 bit, grey or RGB. Nothing throws across it:
// a failed call returns null or 0 and mrfad_cv_error() says why, for the calling thread.
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#define MRFAD extern "C" __attribute__((visibility("default")))

struct Layout { int32_t width, height, channels, bytes_per_sample; };

static thread_local std::string last_error;

// OpenCV would write each backend's attempt at a video to the process's standard error.
static const auto former_log_level = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);

static void *fail(const std::string &why) { last_error = why; return nullptr; }

static int type_of(const Layout &l) { return CV_MAKETYPE(l.bytes_per_sample == 2 ? CV_16U : CV_8U, l.channels); }

static cv::Mat wrap(const Layout &l, const void *pixels) { return cv::Mat(l.height, l.width, type_of(l), const_cast<void *>(pixels)); }

// Describes the image as it will be copied out; false if its depth has no place in an 8 or 16 bit image.
static bool describe(const cv::Mat &m, Layout *out) {
    if (m.depth() != CV_8U && m.depth() != CV_16U) { last_error = "pixel depth is neither 8 nor 16 bit unsigned"; return false; }
    *out = { m.cols, m.rows, m.channels() == 1 ? 1 : 3, m.depth() == CV_16U ? 2 : 1 };
    return true;
}

static void copy_rgb(const cv::Mat &m, void *pixels) {
    if (m.channels() == 1) { cv::Mat out(m.rows, m.cols, m.type(), pixels); m.copyTo(out); return; }
    cv::Mat out(m.rows, m.cols, CV_MAKETYPE(m.depth(), 3), pixels);
    cv::cvtColor(m, out, m.channels() == 4 ? cv::COLOR_BGRA2RGB : cv::COLOR_BGR2RGB);
}

MRFAD const char *mrfad_cv_error() { return last_error.c_str(); }
MRFAD const char *mrfad_cv_version() { return CV_VERSION; }

MRFAD void *mrfad_cv_decode(const uint8_t *data, int32_t length, Layout *out) try {
    auto m = std::make_unique<cv::Mat>();
    cv::imdecode(cv::Mat(1, length, CV_8U, const_cast<uint8_t *>(data)), cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH, m.get());
    if (m->empty()) return fail("not an image OpenCV can decode, or a damaged one");
    return describe(*m, out) ? m.release() : nullptr;
} catch (const std::exception &e) { return fail(e.what()); }

MRFAD void mrfad_cv_copy(const void *mat, void *pixels) { copy_rgb(*static_cast<const cv::Mat *>(mat), pixels); }
MRFAD void mrfad_cv_release(void *mat) { delete static_cast<cv::Mat *>(mat); }

MRFAD void *mrfad_cv_encode(const char *extension, Layout layout, const void *pixels, int32_t quality, const uint8_t **data, int32_t *length) try {
    cv::Mat m = wrap(layout, pixels);
    if (layout.channels == 3) { cv::Mat bgr; cv::cvtColor(m, bgr, cv::COLOR_RGB2BGR); m = bgr; }
    std::vector<int> options;
    if (std::strcmp(extension, ".jpg") == 0) options = { cv::IMWRITE_JPEG_QUALITY, quality };
    if (std::strcmp(extension, ".png") == 0) options = { cv::IMWRITE_PNG_COMPRESSION, 1 };
    auto buffer = std::make_unique<std::vector<uint8_t>>();
    if (!cv::imencode(extension, m, *buffer, options)) return fail(std::string("OpenCV has no encoder for ") + extension);
    *data = buffer->data(); *length = static_cast<int32_t>(buffer->size());
    return buffer.release();
} catch (const std::exception &e) { return fail(e.what()); }

MRFAD void mrfad_cv_release_buffer(void *buffer) { delete static_cast<std::vector<uint8_t> *>(buffer); }

MRFAD int32_t mrfad_cv_resize(Layout from, const void *source, Layout to, void *target, int32_t area) try {
    cv::Mat out = wrap(to, target);
    cv::resize(wrap(from, source), out, out.size(), 0, 0, area ? cv::INTER_AREA : cv::INTER_LINEAR);
    return 1;
} catch (const std::exception &e) { fail(e.what()); return 0; }

// order: RGGB, GRBG, GBRG, BGGR, as BayerOrder. The result is bilinear.
MRFAD int32_t mrfad_cv_debayer(Layout to, const void *mosaic, int32_t order, void *target) try {
    static const int codes[] = { cv::COLOR_BayerRGGB2RGB, cv::COLOR_BayerGRBG2RGB, cv::COLOR_BayerGBRG2RGB, cv::COLOR_BayerBGGR2RGB };
    Layout from = { to.width, to.height, 1, to.bytes_per_sample };
    cv::Mat out = wrap(to, target);
    cv::cvtColor(wrap(from, mosaic), out, codes[order]);
    return 1;
} catch (const std::exception &e) { fail(e.what()); return 0; }

struct Video { cv::VideoCapture capture; cv::Mat frame; };

MRFAD void *mrfad_cv_video_open(const char *uri, int32_t device) try {
    auto v = std::make_unique<Video>();
    bool open = device >= 0 ? v->capture.open(device, cv::CAP_V4L2) : v->capture.open(uri);
    return open ? v.release() : fail("OpenCV's VideoCapture could not open it (it gives no reason: wrong address, no such device, or a codec it lacks)");
} catch (const std::exception &e) { return fail(e.what()); }

// 1: a frame is there and described; 0: the stream has ended or broke off.
MRFAD int32_t mrfad_cv_video_read(void *video, Layout *out) try {
    auto *v = static_cast<Video *>(video);
    if (!v->capture.read(v->frame) || v->frame.empty()) { last_error = "no further frame"; return 0; }
    return describe(v->frame, out) ? 1 : 0;
} catch (const std::exception &e) { fail(e.what()); return 0; }

MRFAD void mrfad_cv_video_copy(const void *video, void *pixels) { copy_rgb(static_cast<const Video *>(video)->frame, pixels); }
MRFAD void mrfad_cv_video_close(void *video) { delete static_cast<Video *>(video); }
