using System.Collections.Concurrent;

namespace Serverless.Tracking.Models;

/// <summary>
/// What this process knows of the models of a workspace. It may be old: a reader asks the store for the model's ETag first, and
/// a writer's transaction fails against a newer one.
/// </summary>
internal sealed class ModelMemory
{
    /// <summary>Beyond so many versions the memory starts anew, so that a large registry does not fill the host.</summary>
    private const int MostVersions = 100_000;
    private readonly ConcurrentDictionary<string, string> ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelState> states = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 32).Select(_ => new SemaphoreSlim(1, 1))];
    private int versions;

    public string? IdOf(string name) => ids.GetValueOrDefault(name);

    /// <summary>What was known last.</summary>
    public ModelState? Find(string name) =>
        ids.TryGetValue(name, out var id) && states.TryGetValue(id, out var state) && state.Model.Name == name ? state : null;

    /// <summary>What is known, if it is still that.</summary>
    public ModelState? Find(string id, string etag) => states.TryGetValue(id, out var state) && state.ETag == etag ? state : null;

    public ModelState Keep(ModelState state)
    {
        if (Interlocked.Add(ref versions, state.Versions.Count) > MostVersions)
        {
            states.Clear();
            Interlocked.Exchange(ref versions, state.Versions.Count);
        }

        ids[state.Model.Name] = state.Model.Id;
        states.AddOrUpdate(
            state.Model.Id,
            state,
            (_, before) =>
            {
                Interlocked.Add(ref versions, -before.Versions.Count);
                return state;
            }
        );
        return state;
    }

    public void Forget(string name)
    {
        if (
            ids.TryRemove(name, out var id)
            && states.TryGetValue(id, out var state)
            && state.Model.Name == name
            && states.TryRemove(id, out _)
        )
        {
            Interlocked.Add(ref versions, -state.Versions.Count);
        }
    }

    /// <summary>Writers of one model in this process take turns: they would only overtake one another in the store.</summary>
    public async Task<Turn> EnterAsync(string name, CancellationToken cancellationToken)
    {
        var turn = turns[(uint)string.GetHashCode(name, StringComparison.Ordinal) % (uint)turns.Length];
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    internal readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
