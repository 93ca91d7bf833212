namespace MrfAd.Testing;

/// <summary>Mosquitto with its plugin for access rules that are changed over MQTT. Unlike an ACL file, the plugin refuses subscriptions with a reason code.</summary>
public static class DynamicSecurity
{
    /// <summary>The topic on which the plugin takes its commands.</summary>
    public const string Topic = "$CONTROL/dynamic-security/v1";

    /// <summary>The command that allows all subscriptions.</summary>
    public const string AllowSubscriptions = """{"commands":[{"command":"setDefaultACLAccess","acls":[{"acltype":"subscribe","allow":true}]}]}""";

    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];

    /// <summary>Starts a broker that lets everybody publish, and subscribe only where that is allowed.</summary>
    /// <param name="folder">A folder for the plugin's rules.</param>
    public static async Task<MosquittoBroker> StartAsync(TemporaryFolder folder, bool subscribe)
    {
        var plugin = Folders.Select(f => Path.Combine(f, "mosquitto_dynamic_security.so")).FirstOrDefault(File.Exists);
        Requires.Program(plugin ?? Path.Combine(Folders[0], "mosquitto_dynamic_security.so"), package: "mosquitto");
        var rules = folder.File("dynamic-security.json");
        await File.WriteAllTextAsync(rules, $$"""
            {
              "defaultACLAccess": { "publishClientSend": true, "publishClientReceive": true, "subscribe": {{(subscribe ? "true" : "false")}}, "unsubscribe": true },
              "clients": [],
              "groups": [{ "groupname": "everybody", "roles": [{ "rolename": "ruler" }], "clients": [] }],
              "roles": [{ "rolename": "ruler", "acls": [{ "acltype": "publishClientSend", "topic": "$CONTROL/#", "priority": 0, "allow": true }] }],
              "anonymousGroup": "everybody"
            }
            """);
        return await MosquittoBroker.StartNewAsync(settings: [$"plugin {plugin}", $"plugin_opt_config_file {rules}"]);
    }
}
