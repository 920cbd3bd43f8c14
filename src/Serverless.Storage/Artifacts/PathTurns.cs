namespace Serverless.Storage.Artifacts;

/// <summary>Serialises work on the same path. Different paths do not wait for one another.</summary>
internal sealed class PathTurns
{
    private readonly Dictionary<string, Turn> turns = new(StringComparer.Ordinal);

    public async Task<IDisposable> TakeAsync(string path, CancellationToken cancellationToken)
    {
        Turn turn;
        lock (turns)
        {
            if (!turns.TryGetValue(path, out turn!))
            {
                turns.Add(path, turn = new Turn(this, path));
            }

            turn.Users++;
        }

        try
        {
            await turn.Gate.WaitAsync(cancellationToken);
            return turn;
        }
        catch
        {
            Leave(turn);
            throw;
        }
    }

    private void Leave(Turn turn)
    {
        lock (turns)
        {
            if (--turn.Users == 0)
            {
                turns.Remove(turn.Path);
            }
        }
    }

    private sealed class Turn(PathTurns owner, string path) : IDisposable
    {
        public string Path { get; } = path;

        public SemaphoreSlim Gate { get; } = new(1);

        public int Users { get; set; }

        public void Dispose()
        {
            Gate.Release();
            owner.Leave(this);
        }
    }
}
