using Serverless.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Serverless.Training.Models;

/// <summary>The file `MLmodel` of a model folder: its flavors and signature.</summary>
public sealed class MlmodelFile
{
    private readonly YamlNode root;

    private MlmodelFile(YamlNode root) => this.root = root;

    /// <summary>The flavors that can load the model, by MLflow's names: `mlnet`, `onnx`, `sklearn`, `python_function`.</summary>
    public IReadOnlyList<string> Flavors =>
        Child(root, "flavors") is YamlMappingNode flavors
            ? [.. flavors.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "")]
            : [];

    /// <summary>A part of the signature, which is JSON: `inputs`, `outputs` or `params`.</summary>
    public string? Signature(string part) => Text(Child(root, "signature"), part) is { Length: > 0 } text && text != "null" ? text : null;

    /// <summary>A setting of a flavor.</summary>
    public string? Setting(string flavor, string key) => Text(Child(Child(root, "flavors"), flavor), key);

    public static MlmodelFile Read(string directory)
    {
        var path = Path.Combine(directory, ModelManifest.FileName);
        return File.Exists(path)
            ? Read(path, root => new MlmodelFile(root))
            : throw ServerlessException.NotFound(
                $"'{directory}' is not a model folder: it has no file '{ModelManifest.FileName}'.",
                "Give the folder that a train component wrote as `model`."
            );
    }

    public static T Read<T>(string path, Func<YamlNode, T> read)
    {
        try
        {
            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            var root = stream.Documents.Count > 0 ? stream.Documents[0].RootNode : null;
            return read(root ?? throw new FormatException("it is empty"));
        }
        catch (Exception e)
            when (e is YamlException or FormatException or System.Text.Json.JsonException or InvalidOperationException or OverflowException)
        {
            throw ServerlessException.Invalid(
                $"The model's '{path}' cannot be read: {e.Message}.",
                "Train the model again, or register a model in MLflow's layout."
            );
        }
    }

    public static YamlNode? Child(YamlNode? node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    public static string? Text(YamlNode? node, string key) => (Child(node, key) as YamlScalarNode)?.Value;
}
