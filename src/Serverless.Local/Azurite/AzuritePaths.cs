using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Local.Azurite;

/// <summary>The state that the launcher writes once the services listen.</summary>
internal sealed record AzuriteState(int Pid, int Blob, int Queue, int Table)
{
    /// <summary>The well-known account and key of every Azurite, from its documentation.</summary>
    private const string Account =
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
        + "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    [JsonIgnore]
    public string ConnectionString =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Account};BlobEndpoint=http://127.0.0.1:{Blob}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{Queue}/devstoreaccount1;"
                + $"TableEndpoint=http://127.0.0.1:{Table}/devstoreaccount1;"
        );
}

/// <summary>The files through which processes share an Azurite.</summary>
internal sealed record AzuritePaths(string Folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public string Users => Path.Combine(Folder, "users");

    public string OwnUser => Path.Combine(Users, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    public string State => Path.Combine(Folder, "azurite.json");

    public string ProcessIdFile => Path.Combine(Folder, "azurite.pid");

    public string Log => Path.Combine(Folder, "azurite.log");

    /// <summary>The state of the running Azurite. Null if there is none.</summary>
    public AzuriteState? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<AzuriteState>(File.ReadAllText(State), Json);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
