using System.Collections;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Options;

public sealed partial class StationConfigTests : IDisposable
{
    private static readonly Hashtable NoVariables = [];
    private readonly TemporaryFolder _folder = new();

    public StationConfigTests()
    {
        File.WriteAllText(_folder.File("station.mrfbank"), "");
        Directory.CreateDirectory(_folder.File("frames"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Limits_of_drift_are_more_than_nothing()
    {
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", """{ "drift": { "frames": 2, "light": 0 } }"""), null, NoVariables)).Message;

        Assert.Contains("drift.frames: want 4 to 10000, got 2", error, StringComparison.Ordinal);
        Assert.Contains("drift.light: want more than 0, got 0", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "site": "\ud800" }""", "half of a surrogate pair")]
    [InlineData("""{ "cameras": [{ "source": "folder:\udc00" }] }""", "half of a surrogate pair")]
    [InlineData("""{ "\ud800": 1 }""", "half of a surrogate pair")]
    [InlineData("""{ "state_folder": "a\u0000b" }""", "state_folder: want text without control characters")]
    [InlineData("""{ "cameras": [{ "name": "cam\u001b[2J" }] }""", "cameras[0].name: want text without control characters")]
    [InlineData("""{ "control": { "trusted_keys": [{ "id": "x\r", "public_key_file": "k" }] } }""", "control.trusted_keys[0].id: want text without control characters")]
    [InlineData("""{ "site": "a", "site": "b" }""", "site")]
    public void Text_that_is_none_or_that_no_file_and_no_topic_can_hold_is_refused(string config, string told)
    {
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", config), null, NoVariables)).Message;

        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_with_half_a_surrogate_pair_is_refused() =>
        Assert.Contains("MRFAD__CAMERAS", Assert.Throws<UsageException>(() => StationConfig.Load(
            Write("station.json", "{}"), null, new Hashtable { ["MRFAD__CAMERAS"] = """[{ "name": "\ud800" }]""" })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mqtt://broker", "got 'mqtt://broker'")]
    [InlineData("broker:1883", "got 'broker:1883'")]
    [InlineData("[::1]", "got '[::1]'")]
    [InlineData("mqtts://user:secret@broker", "as 'broker' or '::1'; the port is mqtt.port")]
    public void A_broker_is_named_without_scheme_port_brackets_or_user(string host, string told)
    {
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", $$"""{ "mqtt": { "host": "{{host}}" } }"""), null, NoVariables)).Message;

        Assert.Contains("mqtt.host: want a name or an address alone", error, StringComparison.Ordinal);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_camera_is_set_to_must_go_together()
    {
        File.WriteAllText(_folder.File("profile.json"), """{ "pixel_fromat": "Mono8" }""");
        var config = Write("station.json", """
            { "cameras": [
                { "name": "a", "source": "http:" },
                { "name": "b", "source": "mqtt:images", "trigger": "interval" },
                { "name": "c", "trigger": "line" },
                { "name": "d", "trigger": "gpio", "gate": { "line": "27", "width": "0s" } },
                { "name": "e", "trigger_line": "gpiochip0:1", "threshold": -1, "policy": "some" },
                { "name": "f", "source": "gige:", "profile": "profile.json", "detector": { "bank": "absent.mrfbank" } },
                { "name": "g", "source": "gige:", "profile": "absent.json" },
                { "name": "h", "source": "mqtt:+" },
            ] }
            """);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        foreach (var fault in (string[])[
            "cameras[0].trigger: uploads trigger it: want \"http\"", "cameras[1].trigger: messages trigger it", "cameras[2].trigger: only gige: and usb3:", "cameras[3].trigger_line: want CHIP:LINE",
            "cameras[3].gate.line: want CHIP:LINE", "cameras[3].gate.width: want 1ms", "cameras[4].trigger_line: has no effect with \"trigger\": \"mqtt\"", "cameras[4].threshold: want more than 0",
            "cameras[4].policy: want null or one of \"every\", \"latest\", got \"some\"", "pixel_fromat", "cameras[5].detector.bank: there is no file", "cameras[6].profile: there is no file",
            "cameras: the sources 'mqtt:images' and 'mqtt:+' take the same messages"])
            Assert.Contains(fault, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mrfad/v1/a/b/s1/top/frame", true)]
    [InlineData("mrfad/v1/a/b/s1/#", true)]
    [InlineData("mrfad/v1/+/+/+/top/frame", true)]
    [InlineData("$share/stations/mrfad/#", true)]
    [InlineData("#", true)]
    [InlineData("mrfad/v1/a/b/s2/top/frame", false)]
    [InlineData("images/s1", false)]
    public void A_camera_does_not_take_the_pictures_that_its_own_station_publishes(string filter, bool isOwn)
    {
        var config = Write("station.json", $$"""{ "site": "a", "line": "b", "station": "s1", "cameras": [{ "name": "top", "source": "mqtt:{{filter}}" }] }""");

        var error = Record.Exception(() => StationConfig.Load(config, null, NoVariables));

        Assert.Equal(isOwn, error is UsageException && error.Message.Contains($"cameras[0].source: 'mqtt:{filter}' takes what this station itself publishes below mrfad/v1/a/b/s1/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_bank_encoder_folder_or_secret_is_named_with_its_full_path()
    {
        var config = Write("station.json", """
            { "detector": { "bank": "no.mrfbank", "encoder": "no.onnx" }, "cameras": [{ "source": "folder:no" }, { "name": "b", "source": "file:no.mp4" }],
              "mqtt": { "password_file": "no.txt" }, "http": { "token_file": "no.http" }, "dashboard": { "token_file": "no.page" } }
            """);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        foreach (var missing in (string[])["no.mrfbank", "no.onnx", "no", "no.mp4", "no.txt", "no.http", "no.page"])
            Assert.Contains($"'{_folder.File(missing)}'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "detector": { "bank": "fifo" } }""", "detector.bank")]
    [InlineData("""{ "detector": { "encoder": "fifo" } }""", "detector.encoder")]
    [InlineData("""{ "detector": { "background": "fifo" } }""", "detector.background")]
    [InlineData("""{ "cameras": [{ "source": "file:fifo" }] }""", "cameras[0].source")]
    [InlineData("""{ "cameras": [{ "source": "gige:", "profile": "fifo" }] }""", "cameras[0].profile")]
    [InlineData("""{ "mqtt": { "password_file": "fifo" } }""", "mqtt.password_file")]
    [InlineData("""{ "mqtt": { "tls": { "ca_file": "fifo" } } }""", "mqtt.tls.ca_file")]
    [InlineData("""{ "http": { "token_file": "fifo" } }""", "http.token_file")]
    [InlineData("""{ "dashboard": { "token_file": "fifo" } }""", "dashboard.token_file")]
    [InlineData("""{ "traces": { "headers_file": "fifo" } }""", "traces.headers_file")]
    [InlineData("""{ "updates": { "trusted_keys": [{ "id": "a", "public_key_file": "fifo" }] } }""", "updates.trusted_keys")]
    [InlineData("""{ "control": { "trusted_keys": [{ "id": "a", "public_key_file": "fifo" }] } }""", "control.trusted_keys")]
    public async Task A_FIFO_in_the_place_of_a_file_is_refused_and_not_waited_for(string text, string named)
    {
        SpecialFile.Fifo(_folder.File("fifo"));
        var config = Write("station.json", text);

        var error = await Record.ExceptionAsync(() => Task.Run(() => StationConfig.Load(config, null, NoVariables)).WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Contains($"{named}: '{_folder.File("fifo")}' is a FIFO (a named pipe), want a regular file", Assert.IsType<UsageException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_a_FIFO_is_refused_and_not_waited_for()
    {
        var error = await Record.ExceptionAsync(() => Task.Run(() => StationConfig.Load(SpecialFile.Fifo(_folder.File("station.json")), null, NoVariables)).WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Contains("want a regular file, got a FIFO", Assert.IsType<Exception>(error, exactMatch: false).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "station.json")]
    [InlineData("[]", "want an object")]
    [InlineData("""{ "site": "a", "site": "b" }""", "site")]
    public void A_file_that_is_no_configuration_is_refused_by_name(string text, string named)
    {
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", text), null, NoVariables)).Message;

        Assert.Contains("station.json", error, StringComparison.Ordinal);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_device_is_laid_over_the_file_and_the_environment_over_both()
    {
        var config = Write("station.json", """{ "station": "a", "mqtt": { "host": "from-file", "port": 1 }, "http": { "port": 1 } }""");
        var device = Write("device.json", """{ "mqtt": { "port": 2 }, "http": { "port": 2 } }""");
        var environment = new Hashtable
        {
            ["MRFAD__HTTP__PORT"] = "3",
            ["MRFAD__STATION"] = "7",
            ["MRFAD__CAMERAS__0__LOOP"] = "true",
            ["MRFAD__CAMERAS__0__INTERVAL"] = "20ms",
            ["MRFAD__CAMERAS__1__NAME"] = "second",
            ["HOME"] = "/",
        };

        var options = StationConfig.Load(config, device, environment);

        Assert.Equal(("from-file", 2, 3, "7"), (options.Mqtt.Host, options.Mqtt.Port, options.Http.Port, options.Station));
        Assert.Equal(["camera1", "second"], options.Cameras.Select(c => c.Name));
        Assert.Equal((true, TimeSpan.FromMilliseconds(20)), (options.Cameras[0].Loop, options.Cameras[0].Interval));
    }

    [Theory]
    [InlineData("MRFAD__MQTT__HOTS", "x", "there is no 'hots' in 'mqtt'")]
    [InlineData("MRFAD__CAMERAS__5__NAME", "x", "there is no '5' in 'cameras'")]
    [InlineData("MRFAD__CAMERAS__X__NAME", "x", "there is no 'x' in 'cameras'")]
    [InlineData("MRFAD__HTTP__PORT", "many", "http.port: want a whole number, got \"many\"")]
    [InlineData("MRFAD__HTTP", "1", "http: want an object")]
    [InlineData("MRFAD__", "1", "there is no ''")]
    public void A_variable_that_cannot_be_used_is_named(string name, string value, string fault)
    {
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", "{}"), null, new Hashtable { [name] = value })).Message;

        Assert.Contains($"environment {name}: {fault}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_found_in_the_folder_of_systemds_credentials()
    {
        var config = Write("station.json", """{ "mqtt": { "username": "s", "password_file": "$CREDENTIALS_DIRECTORY/mqtt" } }""");
        Directory.CreateDirectory(_folder.File("credentials"));
        File.WriteAllText(Path.Combine(_folder.File("credentials"), "mqtt"), "secret");

        var options = StationConfig.Load(config, null, new Hashtable { ["CREDENTIALS_DIRECTORY"] = _folder.File("credentials") });
        Assert.Equal(Path.Combine(_folder.File("credentials"), "mqtt"), options.Mqtt.PasswordFile);
        Assert.DoesNotContain("secret", StationJson.Write(options), StringComparison.Ordinal);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;
        Assert.Contains("mqtt.password_file: there is no file '$CREDENTIALS_DIRECTORY/mqtt': systemd has set no such folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_have_no_effect_or_cannot_be_a_topic_is_named()
    {
        var config = Write("station.json", """
            { "mqtt": { "password_file": "station.json", "session_expiry": "25h", "protocol": "mqtt4", "tls": { "ca_file": "no.pem", "key_file": "station.json", "server_name": "" } },
              "sparkplug": { "group": "a/b", "primary_host": "" }, "home_assistant": { "prefix": "home/#" } }
            """);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        Assert.Contains("mqtt.protocol: want one of \"mqtt5\", \"mqtt311\", got \"mqtt4\"", error, StringComparison.Ordinal);
        Assert.Contains("mqtt.session_expiry: want 0s (keep nothing) to 24h, got 90000s", error, StringComparison.Ordinal);
        Assert.Contains($"mqtt.tls.ca_file: there is no file '{_folder.File("no.pem")}'", error, StringComparison.Ordinal);
        Assert.Contains("mqtt.tls.certificate_file, mqtt.tls.key_file: want both or neither", error, StringComparison.Ordinal);
        Assert.Contains("mqtt.tls.enabled: is false", error, StringComparison.Ordinal);
        Assert.Contains("mqtt.tls.server_name: is empty", error, StringComparison.Ordinal);
        Assert.Contains("mqtt.password_file: want mqtt.username with it", error, StringComparison.Ordinal);
        Assert.Contains("sparkplug.group: the group name 'a/b'", error, StringComparison.Ordinal);
        Assert.Contains("sparkplug.primary_host: is empty", error, StringComparison.Ordinal);
        Assert.Contains("home_assistant.prefix: want a topic, got 'home/#'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MRFAD__CAMERAS__0__FRAMES_ARE_SENT", """{ "cameras": [{ "frames_are_sent": true }] }""", "cameras[0].frames_are_sent")]
    [InlineData("MRFAD__CAMERAS__0__POLICY_IN_FORCE", """{ "cameras": [{ "policy_in_force": "every" }] }""", "cameras[0].policy_in_force")]
    [InlineData("MRFAD__MQTT__MAX_RECEIVED_BYTES", """{ "mqtt": { "max_received_bytes": 1 } }""", "mqtt.max_received_bytes")]
    public void A_property_that_cannot_be_set_is_no_key(string variable, string config, string key)
    {
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", config), null, NoVariables)).Message;
        Assert.Contains($"station.json: unknown key '{key}'; known there: ", error, StringComparison.Ordinal);

        error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", """{ "cameras": [{}] }"""), null, new Hashtable { [variable] = "1" })).Message;
        Assert.Contains($"environment {variable}: there is no '{key[(key.LastIndexOf('.') + 1)..]}' in ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_an_earlier_version_is_refused_with_what_replaced_it()
    {
        var config = Write("station.json", """{ "dashboard": { "broker": "ws://broker:9001" } }""");

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;
        Assert.Contains("station.json: 'dashboard.broker' is no more: \"dashboard\": { \"plant\": true } replaces it", error, StringComparison.Ordinal);

        error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", "{}"), null, new Hashtable { ["MRFAD__DASHBOARD__BROKER"] = "ws://broker:9001" })).Message;
        Assert.Contains("environment MRFAD__DASHBOARD__BROKER: 'dashboard.broker' is no more: \"dashboard\": { \"plant\": true } replaces it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_watched_folder_with_another_trigger_than_its_own_is_refused()
    {
        var config = Write("station.json", """{ "cameras": [{ "source": "folder:frames?watch=true", "trigger": "interval" }] }""");

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        Assert.Contains("cameras[0].trigger: a watched folder triggers itself", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_duration_that_may_be_null_is_asked_for_as_one()
    {
        var config = Write("station.json", """{ "cameras": [{ "stall_after": "5" }], "updates": { "self_test_every": 8 } }""");

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        Assert.Contains("cameras[0].stall_after: want null or a duration such as \"500ms\", \"2s\" or \"1m\", got \"5\"", error, StringComparison.Ordinal);
        Assert.Contains("updates.self_test_every: want null or a duration", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_that_is_none_does_not_give_the_others_its_number()
    {
        var config = Write("station.json", """{ "cameras": ["gige:", { "name": "b", "queue_length": 0 }] }""");

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        Assert.Contains("cameras[0]: want an object: { … }, got \"gige:\"", error, StringComparison.Ordinal);
        Assert.DoesNotContain("cameras[0].queue_length", error, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }
}
