using System.Reflection;
using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Station.Pages;

/// <summary>Writes a report as one self-contained HTML file: a template, the style and script that all pages share, and the data as JSON.</summary>
public static class HtmlPage
{
    // The default encoder escapes '<', so that no text can end the script element.
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes the file.</summary>
    /// <param name="template">The name of the template that is embedded in the assembly of <typeparamref name="T"/>.</param>
    /// <param name="model">The data, which the page's script reads as JSON in snake_case.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write<T>(string path, string template, T model) => AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(Resource(template, typeof(T).Assembly)
        .Replace("{{STYLE}}", Resource("page.css"), StringComparison.Ordinal)
        .Replace("{{SCRIPT}}", Resource("dom.js") + Resource("page.js"), StringComparison.Ordinal)
        .Replace("{{GLOW}}", Resource("glow.html"), StringComparison.Ordinal)
        .Replace("{{RUN}}", JsonSerializer.Serialize(model, Json), StringComparison.Ordinal)));

    private static string Resource(string name) => Resource(name, typeof(HtmlPage).Assembly);

    private static string Resource(string name, Assembly assembly)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
