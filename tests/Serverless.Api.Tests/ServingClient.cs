using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Api.Tests;

/// <summary>An answer of a served model.</summary>
public sealed record ServingAnswer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonArray Predictions => Json["predictions"]!.AsArray();

    public string Message => (string)Json["message"]!;

    public string Code => (string)Json["error_code"]!;

    public string Header(string name) => Headers.GetValues(name).Single();
}

/// <summary>A model of customers, registered, and HTTP to ask it. The model is trained once for all tests.</summary>
public sealed class ServingClient(ApiFixture api, int host = 0)
{
    private static readonly HttpClient Http = new();
    private static readonly Lazy<Task<string>> Trained = new(() => TrainedModel.OfCustomersAsync(new TestFolder()));

    public string Workspace { get; init; } = ApiFixture.NewWorkspace();

    public WorkspaceServices Services => api.Services(Workspace, host);

    public ModelRegistry Registry => Services.Models;

    /// <summary>The same workspace by way of the other host.</summary>
    public ServingClient Other => new(api, 1 - host) { Workspace = Workspace };

    public static Task<string> ModelFolderAsync() => Trained.Value;

    public async Task<ModelVersion> RegisterAsync(string name = "buys", Stage stage = Stage.Production, string? folder = null)
    {
        var version = await Registry.RegisterAsync(
            new RegisterRequest
            {
                Name = name,
                ModelDirectory = folder ?? await ModelFolderAsync(),
                RequestId = Ids.NewId(),
            }
        );
        return stage == Stage.None ? version : await MoveAsync(version, stage);
    }

    public Task<ModelVersion> MoveAsync(ModelVersion version, Stage stage) =>
        Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = version.Name,
                Version = version.Version,
                Stage = stage,
                By = "test",
            }
        );

    public Task<ServingAnswer> InvokeAsync(
        string body,
        string query = "",
        string type = "application/json",
        string name = "buys",
        string? key = null
    ) =>
        SendAsync(
            HttpMethod.Post,
            $"{name}/invocations{query}",
            new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)),
            key
        );

    public Task<ServingAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, null);

    public async Task<ServingAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(api.Client(Workspace, host).Root, "models/" + path))
        {
            Content = content,
        };
        if (key is not null)
        {
            request.Headers.Add("X-Request-Key", key);
        }

        using var response = await Http.SendAsync(request);
        return new ServingAnswer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers);
    }
}
