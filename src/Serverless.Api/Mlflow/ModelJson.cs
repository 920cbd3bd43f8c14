using System.Globalization;
using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Tracking.Models;

namespace Serverless.Api.Mlflow;

/// <summary>Models and versions in the form of MLflow's messages.</summary>
internal static class ModelJson
{
    public static void WriteModel(Utf8JsonWriter json, ModelState state)
    {
        var model = state.Model;
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteNumber("creation_timestamp", model.CreatedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("last_updated_timestamp", model.UpdatedAt.ToUnixTimeMilliseconds());
        WriteText(json, "user_id", model.CreatedBy == Actor.Anonymous.Name ? null : model.CreatedBy);
        WriteText(json, "description", model.Description);
        WriteVersions(json, "latest_versions", state.LatestOfStages().Select(v => new VersionItem(state, v)));
        RestJson.WriteTags(json, "tags", model.Tags);
        if (model.Aliases.Count > 0)
        {
            json.WriteStartArray("aliases");
            foreach (var (alias, version) in model.Aliases)
            {
                json.WriteStartObject();
                json.WriteString("alias", alias);
                json.WriteString("version", Text(version));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a list. Protobuf omits an empty one.</summary>
    public static void WriteVersions(Utf8JsonWriter json, string name, IEnumerable<VersionItem> versions)
    {
        var isOpen = false;
        foreach (var version in versions)
        {
            if (!isOpen)
            {
                json.WriteStartArray(name);
                isOpen = true;
            }

            WriteVersion(json, version);
        }

        if (isOpen)
        {
            json.WriteEndArray();
        }
    }

    public static void WriteVersion(Utf8JsonWriter json, VersionItem item)
    {
        var version = item.Version;
        json.WriteStartObject();
        json.WriteString("name", version.Name);
        json.WriteString("version", Text(version.Version));
        json.WriteNumber("creation_timestamp", version.CreatedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("last_updated_timestamp", version.UpdatedAt.ToUnixTimeMilliseconds());
        WriteText(json, "user_id", version.CreatedBy == Actor.Anonymous.Name ? null : version.CreatedBy);
        json.WriteString("current_stage", version.Stage.ToString());
        json.WriteString("description", version.Description ?? "");
        json.WriteString("source", version.Source);
        json.WriteString("run_id", version.RunId ?? "");
        WriteText(json, "model_id", version.ModelId);
        json.WriteString("status", "READY");
        RestJson.WriteTags(json, "tags", version.Tags);
        json.WriteString("run_link", version.RunLink ?? "");
        var aliases = item.Model.AliasesOf(version.Version).ToList();
        if (aliases.Count > 0)
        {
            json.WriteStartArray("aliases");
            aliases.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);
}
